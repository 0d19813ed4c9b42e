package event

// The name of each kind of event, in JSON lines and in the schema.

func (Start) Kind() string          { return "start" }
func (State) Kind() string          { return "state" }
func (Lock) Kind() string           { return "lock" }
func (Launch) Kind() string         { return "launch" }
func (Killed) Kind() string         { return "killed" }
func (BackgroundTask) Kind() string { return "task" }
func (Keepalive) Kind() string      { return "keepalive" }
func (Tick) Kind() string           { return "tick" }
func (TickDone) Kind() string       { return "tick_done" }
func (Wake) Kind() string           { return "wake" }
func (Frame) Kind() string          { return "frame" }
func (WakeEnd) Kind() string        { return "wake_end" }
func (Notification) Kind() string   { return "notification" }
func (Push) Kind() string           { return "push" }
func (DeviceIdle) Kind() string     { return "device_idle" }
func (Standby) Kind() string        { return "standby" }
func (Network) Kind() string        { return "network" }
func (Fault) Kind() string          { return "fault" }
func (Reclaim) Kind() string        { return "reclaim" }
func (ClockRate) Kind() string      { return "clock" }
func (Standstill) Kind() string     { return "standstill" }
func (Socket) Kind() string         { return "socket" }
func (Message) Kind() string        { return "sip" }
func (Data) Kind() string           { return "data" }
func (Text) Kind() string           { return "text" }
func (MessageWaiting) Kind() string { return "message-waiting" }
func (Ping) Kind() string           { return "ping" }
func (Pong) Kind() string           { return "pong" }
func (Registration) Kind() string   { return "registration" }
func (Recovery) Kind() string       { return "recovery" }
func (Call) Kind() string           { return "call" }
func (Transfer) Kind() string       { return "transfer" }
func (Media) Kind() string          { return "media" }
func (RTP) Kind() string            { return "rtp" }
func (Levels) Kind() string         { return "levels" }
func (Heard) Kind() string          { return "heard" }
func (DTMF) Kind() string           { return "dtmf" }
func (Verb) Kind() string           { return "verb" }
func (Error) Kind() string          { return "error" }
func (Warning) Kind() string        { return "warning" }
func (Check) Kind() string          { return "check" }
func (Server) Kind() string         { return "server" }
