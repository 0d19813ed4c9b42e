//go:build !cgo

package opus

// Missing says that there is no Opus in this build.
func Missing() error {
	return &MissingError{"built without cgo, which loads libopus", "a build with cgo: CGO_ENABLED=1 go install"}
}

// Version returns "".
func Version() string { return "" }

// An Encoder encodes nothing: there is none in this build.
type Encoder struct{}

// NewEncoder returns one that gives nothing.
func NewEncoder(Settings) *Encoder { return nil }

// Encode gives nothing.
func (*Encoder) Encode(dst []byte, _ []int16) []byte { return dst }

// Expect does nothing.
func (*Encoder) Expect(int) {}

// A Decoder decodes to silence: there is none in this build.
type Decoder struct{ rate int }

// NewDecoder returns one that gives silence.
func NewDecoder(rate int) *Decoder { return &Decoder{rate} }

// Decode appends silence.
func (d *Decoder) Decode(dst []int16, payload []byte) []int16 {
	p, _ := Parse(payload)
	return append(dst, make([]int16, p.Samples*d.rate/Clock)...)
}

// Conceal appends silence.
func (*Decoder) Conceal(dst []int16, samples int) []int16 {
	return append(dst, make([]int16, samples)...)
}

// Recover appends silence.
func (*Decoder) Recover(dst []int16, _ []byte, samples int) []int16 {
	return append(dst, make([]int16, samples)...)
}
