package event

// Media is a step in the life of the audio of a call.
type Media struct {
	Call   int        `json:"call"`
	Phase  MediaPhase `json:"phase"`
	Codec  string     `json:"codec,omitempty"`
	PTime  Millis     `json:"ptime_ms,omitempty"`
	Local  string     `json:"local,omitempty"`
	Remote string     `json:"remote,omitempty"`
	SRTP   string     `json:"srtp,omitempty"` // "sdes AES_CM_128_HMAC_SHA1_80": where its keys come from, and the suite; "" is plain
	Detail string     `json:"detail,omitempty"`
}

// RTP is a snapshot of a call's RTP statistics, since its start.
type RTP struct {
	Call      int     `json:"call"`
	Sent      uint64  `json:"sent"`
	Received  uint64  `json:"received"`
	Lost      uint64  `json:"lost"`
	Late      uint64  `json:"late"`
	Concealed uint64  `json:"concealed"`
	LossPct   float64 `json:"loss_pct"`
	Jitter    Millis  `json:"jitter_ms"`
	JitterMax Millis  `json:"jitter_max_ms"`
	Delay     Millis  `json:"delay_ms"`         // in the jitter buffer
	RTT       Millis  `json:"rtt_ms,omitempty"` // by RTCP; 0: not known yet
	MOS       float64 `json:"mos"`              // an estimate by the E-model (G.107), as of G.711 in every codec; 0: nothing comes that could be judged
	// Unplayed counts the packets that came in time and were not played, as the sound card
	// did not ask for them: it did not play yet, stood still, or was lost.
	Unplayed uint64 `json:"unplayed,omitempty"`
	// Recovered counts the packets that did not come in time, of which the next one had what
	// was said once more (forward error correction in Opus, RFC 6716 section 2.1.7).
	Recovered uint64 `json:"recovered,omitempty"`
	// Noise counts the packets that stand for silence: of comfort noise (RFC 3389), or of
	// Opus with nothing in them (DTX, RFC 6716 section 2.1.9).
	Noise uint64 `json:"noise,omitempty"`
	// Refused counts the packets that were dropped because they came from an
	// address that is not part of the call.
	Refused uint64 `json:"refused,omitempty"`
	// Foreign counts what came from an address of the call and is no audio of it: of a
	// payload type that is not agreed, encrypted, or no RTP.
	Foreign uint64 `json:"foreign,omitempty"`
	// Unopened counts those of them that are not protected by the key that the call has
	// agreed on (RFC 3711), and Replayed the protected packets that had come before.
	Unopened uint64 `json:"unopened,omitempty"`
	Replayed uint64 `json:"replayed,omitempty"`
	// Unsent counts the packets that this computer has refused to send; Sent has none of
	// them.
	Unsent uint64 `json:"unsent,omitempty"`
	// What the far end's last report by RTCP says of our audio (RFC 3550 §6.4.1), and
	// of how many packets; 0: it has not reported.
	FarOf      uint64  `json:"far_of,omitempty"`
	FarLost    uint64  `json:"far_lost,omitempty"`
	FarLossPct float64 `json:"far_loss_pct,omitempty"`
	FarJitter  Millis  `json:"far_jitter_ms,omitempty"`
	// FarSent is how many packets the far end says that it has sent, and FarAge how old its
	// last report is, of whatever; both are 0 where it has not reported.
	FarSent uint64 `json:"far_sent,omitempty"`
	FarAge  Millis `json:"far_age_ms,omitempty"`
	// XR is what we report by RTCP XR of the far end's audio, where we do; and FarXR what it
	// last reported of ours.
	XR    VoIPMetrics `json:"xr,omitzero"`
	FarXR VoIPMetrics `json:"far_xr,omitzero"`
	// DeadIn and DeadOut are for how long nothing has got through, in a direction in
	// which something has to; 0: it does, or nobody can say.
	DeadIn  Seconds `json:"dead_in_s,omitempty"`
	DeadOut Seconds `json:"dead_out_s,omitempty"`
	// UnknownIn is for how long nobody knows whether anything would get through to us: the
	// peer has said that it is silent, and nothing since.
	UnknownIn Seconds `json:"unknown_in_s,omitempty"`
}

// Heard is something recognised in the received audio: a tone, or a known
// sample.
type Heard struct {
	What  string  `json:"what"`            // "tone", "sample", "silence"
	Hz    float64 `json:"hz,omitempty"`    // of a tone
	Name  string  `json:"name,omitempty"`  // of a sample
	Score float64 `json:"score,omitempty"` // 0 to 1
	For   Seconds `json:"for_s,omitempty"` // how long it has been heard
}

// DTMF is one telephone-event digit, sent or received (RFC 4733).
type DTMF struct {
	Out    bool   `json:"out"`
	Digit  string `json:"digit"`
	Length Millis `json:"length_ms"`
	// By is how it came, if that was not in the audio (RFC 4733): [DTMFByInfo].
	By string `json:"by,omitempty"`
}

// DTMFByInfo says that a digit came in an INFO of SIP.
const DTMFByInfo = "info"
