package event

import (
	"encoding/gob"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
)

// Version is the version of the JSON form ("v").
const Version = 1

// maxLine bounds one JSON line: a SIP message of 64 KiB, escaped, fits.
const maxLine = 1 << 20

// header is the part of a JSON line that every event has.
type header struct {
	V       int     `json:"v"`
	Wall    string  `json:"t"`
	Device  Seconds `json:"d"`
	Phone   string  `json:"phone"`
	Account string  `json:"as,omitempty"`
	Kind    string  `json:"ev"`
}

// wallLayout keeps microseconds: enough to measure a wake.
const wallLayout = "2006-01-02T15:04:05.000000Z07:00"

// decoders maps the name of each event to its decoder.
var decoders = decodersOf(
	decoderOf[Start](),
	decoderOf[State](),
	decoderOf[Lock](),
	decoderOf[Launch](),
	decoderOf[Killed](),
	decoderOf[BackgroundTask](),
	decoderOf[Keepalive](),
	decoderOf[SocketMark](),
	decoderOf[Tick](),
	decoderOf[TickDone](),
	decoderOf[Wake](),
	decoderOf[Frame](),
	decoderOf[WakeEnd](),
	decoderOf[Notification](),
	decoderOf[Push](),
	decoderOf[DeviceIdle](),
	decoderOf[Standby](),
	decoderOf[Network](),
	decoderOf[Fault](),
	decoderOf[Reclaim](),
	decoderOf[ClockRate](),
	decoderOf[Standstill](),
	decoderOf[Socket](),
	decoderOf[Message](),
	decoderOf[Data](),
	decoderOf[Text](),
	decoderOf[MessageWaiting](),
	decoderOf[Subscription](),
	decoderOf[Publication](),
	decoderOf[Notify](),
	decoderOf[Ping](),
	decoderOf[Pong](),
	decoderOf[Registration](),
	decoderOf[Recovery](),
	decoderOf[Lookup](),
	decoderOf[Target](),
	decoderOf[Call](),
	decoderOf[Transfer](),
	decoderOf[Media](),
	decoderOf[ICE](),
	decoderOf[RTP](),
	decoderOf[SoundCard](),
	decoderOf[Audio](),
	decoderOf[Heard](),
	decoderOf[DTMF](),
	decoderOf[Verb](),
	decoderOf[Error](),
	decoderOf[Warning](),
	decoderOf[Check](),
	decoderOf[Scenario](),
	decoderOf[Step](),
	decoderOf[Server](),
	decoderOf[Swallowed](),
	decoderOf[Mapping](),
	decoderOf[Held](),
	decoderOf[Loss](),
	decoderOf[Location](),
)

// decoder reads the events of one kind.
type decoder struct {
	kind   string
	zero   Event
	read   func(line []byte) (Event, error)
	unpack func(*gob.Decoder) (Event, error)
}

func decoderOf[E Event]() decoder {
	var zero E
	return decoder{zero.Kind(), zero, readAs[E], unpackAs[E]}
}

func readAs[E Event](line []byte) (Event, error) {
	var e E
	err := json.Unmarshal(line, &e)
	return e, err
}

func unpackAs[E Event](packed *gob.Decoder) (Event, error) {
	var e E
	err := packed.Decode(&e)
	return e, err
}

func decodersOf(list ...decoder) map[string]decoder {
	byKind := make(map[string]decoder, len(list))
	for _, d := range list {
		byKind[d.kind] = d
	}
	return byKind
}

// Types returns an empty event of every kind, in the order of their names.
func Types() []Event {
	list := make([]Event, 0, len(decoders))
	for _, kind := range slices.Sorted(maps.Keys(decoders)) {
		list = append(list, decoders[kind].zero)
	}
	return list
}

// AppendJSON appends r to b as one JSON line without its newline: the header
// and the event's own fields in one flat object.
func AppendJSON(b []byte, r Record) ([]byte, error) {
	head, err := json.Marshal(header{
		V: Version, Wall: r.Wall.UTC().Format(wallLayout), Device: Seconds(r.Device), Phone: r.Phone, Account: r.Account, Kind: r.Event.Kind(),
	})
	if err != nil {
		return b, err
	}
	body, err := json.Marshal(r.Event)
	if err != nil {
		return b, fmt.Errorf("event %s: %w", r.Event.Kind(), err)
	}
	head, body = clean.JSON(head), clean.JSON(body)
	b = append(b, head[:len(head)-1]...)
	if len(body) > len("{}") {
		b = append(b, ',')
	}
	return append(b, body[1:]...), nil
}

// readerOf reads a kind, if only of former recordings.
func readerOf(kind string) (d decoder, ok bool) {
	if kind == formerAudio {
		return decoder{read: func([]byte) (Event, error) { return Audio{Former: true}, nil }}, true
	}
	d, ok = decoders[kind]
	return d, ok
}

// ParseJSON reads one JSON line. The sequence number is not in it: a log
// gives one on Append.
func ParseJSON(line []byte) (Record, error) {
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return Record{}, err
	}
	if h.V != Version {
		return Record{}, fmt.Errorf("event schema v%d: this program reads v%d", h.V, Version)
	}
	d, ok := readerOf(h.Kind)
	if !ok {
		return Record{}, fmt.Errorf("unknown event %q", h.Kind)
	}
	wall, err := time.Parse(wallLayout, h.Wall)
	if err != nil {
		return Record{}, fmt.Errorf("event time: %w", err)
	}
	if y := wall.UTC().Year(); y < 1 || y > 9999 { // RFC 3339 has no others
		return Record{}, fmt.Errorf("event time: the year %d", y)
	}
	e, err := d.read(line)
	if err != nil {
		return Record{}, fmt.Errorf("event %s: %w", h.Kind, err)
	}
	return Record{Wall: wall, Device: h.Device.D(), Phone: h.Phone, Account: h.Account, Event: e}, nil
}
