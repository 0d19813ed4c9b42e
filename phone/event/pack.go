package event

import (
	"bytes"
	"compress/flate"
	"encoding/gob"
	"fmt"
	"reflect"
	"time"
)

// Records are packed without loss, as compressed Go values. JSON would lose bytes
// that are not UTF-8, and times shorter than a microsecond.

// A packer packs records. It reuses its buffers.
type packer struct {
	out   bytes.Buffer
	flate *flate.Writer
}

// A head is the part of a record that is packed before its event.
type head struct {
	Wall    time.Time
	Device  time.Duration
	Phone   string
	Account string
	Kind    string
}

// pack packs records. The result is valid until the next call.
func (p *packer) pack(records []Record) ([]byte, error) {
	p.out.Reset()
	if p.flate == nil {
		p.flate, _ = flate.NewWriter(&p.out, flate.BestSpeed) // no error: it is a level
	}
	p.flate.Reset(&p.out)
	enc := gob.NewEncoder(p.flate)
	for _, r := range records {
		h := head{r.Wall, r.Device, r.Phone, r.Account, r.Event.Kind()}
		if _, ok := decoders[h.Kind]; !ok {
			return nil, fmt.Errorf("unknown event %q", h.Kind)
		}
		if err := enc.Encode(h); err != nil {
			return nil, err
		}
		if err := enc.Encode(r.Event); err != nil {
			return nil, fmt.Errorf("event %s: %w", h.Kind, err)
		}
	}
	err := p.flate.Close()
	return p.out.Bytes(), err
}

// unpack is the inverse of pack.
func unpack(packed []byte, b block) ([]Record, error) {
	dec := gob.NewDecoder(flate.NewReader(bytes.NewReader(packed)))
	records := make([]Record, b.n)
	for i := range records {
		var h head
		if err := dec.Decode(&h); err != nil {
			return nil, err
		}
		d, ok := decoders[h.Kind]
		if !ok {
			return nil, fmt.Errorf("unknown event %q", h.Kind)
		}
		e, err := d.unpack(dec)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", h.Kind, err)
		}
		records[i] = Record{Seq: b.first + uint64(i), Wall: h.Wall, Device: h.Device, Phone: h.Phone, Account: h.Account, Event: e}
	}
	return records, nil
}

// The limits of the records that a log keeps in memory unpacked, and of those that
// it packs at a time, which are few enough not to delay a phone.
const (
	maxHot       = 4 << 20 // bytes
	blockRecords = 256
	blockWeight  = 256 << 10 // bytes
)

// A cooling decides how many of the oldest records in memory are packed next.
type cooling struct {
	limit  int // of weight; 0: maxHot
	weight int // of all
	packed int // of what is packed, and still behind the others in memory
	shares []share
	begun  share
}

// A share is a number of records that are packed together.
type share struct{ n, weight int }

// add counts a new record.
func (c *cooling) add(weight int) {
	c.weight += weight
	c.begun.n++
	c.begun.weight += weight
	if c.begun.n == blockRecords || c.begun.weight >= blockWeight {
		c.shares, c.begun = append(c.shares, c.begun), share{}
	}
}

// most returns the maximum weight of the records in memory.
func (c *cooling) most() int {
	if c.limit == 0 {
		return maxHot
	}
	return c.limit
}

// due reports whether records are to be packed.
func (c *cooling) due() bool { return c.weight > c.most() && len(c.shares) > 0 }

// take returns how many. held reports that those already packed still occupy so
// much memory that the others should move.
func (c *cooling) take() (n int, held bool) {
	s := c.shares[0]
	c.shares = c.shares[1:]
	c.weight -= s.weight
	c.packed += s.weight
	if held = c.packed > c.most()/4; held {
		c.packed = 0
	}
	return s.n, held
}

// recordWeight is roughly the memory of a record and its event without their texts.
const recordWeight = 256

// weight returns roughly the memory of a record.
func weight(r Record) int { return recordWeight + texts(reflect.ValueOf(r.Event)) }

// texts returns the length of the texts in a value.
func texts(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Struct:
		for i := range v.NumField() {
			n += texts(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += texts(v.Index(i))
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			n += texts(iter.Key()) + texts(iter.Value())
		}
	}
	return n
}
