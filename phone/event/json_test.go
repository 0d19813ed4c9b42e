package event

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var wall = time.Date(2026, 8, 23, 14, 32, 6, 31_123_000, time.UTC)

// everyEvent is one event of each type with no field left zero.
func everyEvent(t testing.TB) []Event {
	t.Helper()
	var all []Event
	for _, kind := range slices.Sorted(maps.Keys(decoders)) {
		zero, err := decoders[kind].read([]byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		v := reflect.New(reflect.TypeOf(zero)).Elem()
		fill(t, v)
		all = append(all, v.Interface().(Event))
	}
	return all
}

// fill gives every field of v a value that is not its zero.
func fill(t testing.TB, v reflect.Value) {
	t.Helper()
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case v.Type() == reflect.TypeFor[Seconds](), v.Type() == reflect.TypeFor[Millis]():
		v.SetInt(int64(1234567 * time.Microsecond))
	case v.CanInt():
		v.SetInt(7)
	case v.CanUint():
		v.SetUint(8)
	case v.CanFloat():
		v.SetFloat(9.25)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.String:
		v.SetString(`a "quoted" <ü>` + "\r\n")
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0))
		fill(t, v.Index(1))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case v.Kind() == reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"a key": "a value"}))
	default:
		t.Fatalf("no example of a %s", v.Type())
	}
}

// Every type with a Kind method can be read back: a new one that is not in
// decoders fails here.
func TestEveryTypeIsRegistered(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared, registered []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "Kind" {
			declared = append(declared, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	for _, e := range everyEvent(t) {
		registered = append(registered, reflect.TypeOf(e).Name())
	}
	slices.Sort(declared)
	slices.Sort(registered)
	if !slices.Equal(declared, registered) {
		t.Errorf("declared:   %v\nregistered: %v", declared, registered)
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for _, e := range everyEvent(t) {
		want := Record{Wall: wall, Device: 1326031 * time.Millisecond, Phone: "alice", Event: e}
		line, err := AppendJSON(nil, want)
		if err != nil {
			t.Errorf("%s: %v", e.Kind(), err)
			continue
		}
		if bytes.ContainsAny(line, "\r\n") {
			t.Errorf("%s is more than one line: %s", e.Kind(), line)
		}
		got, err := ParseJSON(line)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v, %v\nwant %+v", line, got, err, want)
		}
	}
}

// An event that leaves everything out is read back as well.
func TestJSONRoundTripOfZeroEvents(t *testing.T) {
	for kind, d := range decoders {
		zero, err := d.read([]byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		line, err := AppendJSON(nil, Record{Wall: wall, Event: zero})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseJSON(line); err != nil || !reflect.DeepEqual(got.Event, zero) {
			t.Errorf("%s: got %+v, %v", kind, got.Event, err)
		}
	}
}

// The header and the event share one flat object, so no event may use the
// header's keys; encoding/json reads keys without regard to case.
func TestNoEventUsesTheHeadersKeys(t *testing.T) {
	for _, e := range everyEvent(t) {
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(body, &fields); err != nil {
			t.Fatal(err)
		}
		for key := range fields {
			if slices.Contains([]string{"v", "t", "d", "phone", "as", "ev"}, strings.ToLower(key)) {
				t.Errorf("%s has a field %q", e.Kind(), key)
			}
		}
	}
}

func TestJSONLine(t *testing.T) {
	r := Record{
		Wall: wall, Device: 1326031 * time.Millisecond, Phone: "alice",
		Event: Wake{N: 3, Cause: BySocket, Suspended: Seconds(126600 * time.Millisecond), Window: Seconds(10 * time.Second), Stamps: 3},
	}
	got, err := AppendJSON([]byte("> "), r)
	want := `> {"v":1,"t":"2026-08-23T14:32:06.031123Z","d":1326.031,"phone":"alice","ev":"wake","n":3,"cause":"socket","suspended_s":126.6,"window_s":10,"stamps":3}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestParseJSONErrors(t *testing.T) {
	const head = `{"v":1,"t":"2026-08-23T14:32:06.031123Z","d":1,"phone":"a",`
	for _, c := range []struct{ line, want string }{
		{``, "unexpected end of JSON input"},
		{`null`, "event schema v0: this program reads v1"},
		{`[]`, "cannot unmarshal array"},
		{`{"v":2,"ev":"lock"}`, "event schema v2: this program reads v1"},
		{head + `"ev":"lokc"}`, `unknown event "lokc"`},
		{head + `"ev":"lock","on":1}`, "event lock: json: cannot unmarshal number"},
		{head + `"ev":"lock","on":true} {}`, "after top-level value"},
		{`{"v":1,"t":"yesterday","ev":"lock"}`, "event time"},
		{`{"v":1,"t":"9999-12-31T23:59:59.000000-23:00","ev":"lock"}`, "event time: the year 10000"},
		{`{"v":1,"d":1e300,"ev":"lock"}`, "1e300 is no time"},
		{`{"v":1,"d":"1","ev":"lock"}`, "invalid syntax"},
	} {
		if _, err := ParseJSON([]byte(c.line)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.line, err, c.want)
		}
	}
}

func recording(t testing.TB, n int) []byte {
	t.Helper()
	var b []byte
	for i := range n {
		var err error
		if b, err = AppendJSON(b, Record{Wall: wall, Device: time.Duration(i) * time.Second, Phone: "alice", Event: Lock{On: i%2 == 0}}); err != nil {
			t.Fatal(err)
		}
		b = append(b, '\n')
	}
	return b
}

func TestReadJSON(t *testing.T) {
	whole := string(recording(t, 3))
	long := `{"v":1,"x":"` + strings.Repeat("x", maxLine) + `"}`
	for _, c := range []struct {
		name, text string
		records    int
		want       string // of the error; "": none
	}{
		{"whole", whole, 3, ""},
		{"empty", "", 0, ""},
		{"blank lines", "\n" + strings.ReplaceAll(whole, "\n", "\r\n\n"), 3, ""},
		{"no last newline", strings.TrimSuffix(whole, "\n"), 3, ""},
		{"cut off", whole[:len(whole)-9], 2, "line 3: unexpected end of JSON input"},
		{"garbage", whole + "\x00\xff\x1b[2J\n" + whole, 3, "line 4: invalid character"},
		{"nested deep", whole + `{"v":1,"deep":` + strings.Repeat("[", maxLine-20) + "\n", 3, "line 4: invalid character '[' exceeded max depth"},
		{"too long", whole + long, 3, "line 4 is longer than 1048576 bytes"},
	} {
		log, err := ReadJSON(strings.NewReader(c.text))
		if got := len(log.After(0)); got != c.records {
			t.Errorf("%s: %d records, want %d", c.name, got, c.records)
		}
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		for i, r := range log.After(0) {
			if r.Seq != uint64(i)+1 {
				t.Errorf("%s: record %d has number %d", c.name, i, r.Seq)
			}
		}
	}
}

// FuzzParseJSON: what is read is written, and read again as the same.
func FuzzParseJSON(f *testing.F) {
	for _, e := range everyEvent(f) {
		line, err := AppendJSON(nil, Record{Wall: wall, Device: time.Second, Phone: "alice", Event: e})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Add([]byte(`{"v":1,"t":"9999-12-31T23:59:59.000000-23:00","ev":"lock"}`))
	f.Add([]byte(`{"v":1,"t":"0000-01-01T00:00:00.000000+23:00","ev":"lock"}`))
	f.Add([]byte(`{"v":1,"t":"2026-08-23T14:32:06.031123+14:00","d":-0.0000001,"phone":"\u0000","ev":"levels","mic_db":1e308}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := ParseJSON(line)
		if err != nil {
			return
		}
		if text := Line(r); text != Printable(text) {
			t.Errorf("not printable: %q", text)
		}
		first, err := AppendJSON(nil, r)
		if err != nil {
			t.Fatalf("%s was read, and cannot be written: %v", line, err)
		}
		again, err := ParseJSON(first)
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second, err := AppendJSON(nil, again); err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s became %s, %v", first, second, err)
		}
	})
}

func BenchmarkAppendJSON(b *testing.B) {
	raw := strings.Repeat("Via: SIP/2.0/TCP 192.0.2.10:5060;branch=z9hG4bK776asdhds\r\n", 10)
	for _, e := range []Event{
		Wake{N: 1, Cause: BySocket, Suspended: Seconds(time.Minute), Window: Seconds(10 * time.Second), Stamps: 1},
		Message{Method: "INVITE", URI: "sip:alice@example.com", CallID: "a84b4c76e66710", Bytes: len(raw), Raw: raw},
	} {
		b.Run(e.Kind(), func(b *testing.B) {
			var line []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if line, err = AppendJSON(line[:0], Record{Wall: wall, Device: time.Hour, Phone: "alice", Event: e}); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(line)))
		})
	}
}
