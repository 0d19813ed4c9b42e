package device

import "time"

// DozeSettings are the settings of a system that dozes. What each means, and
// where its number comes from, is said in assets/profiles/android-doze.yaml.
type DozeSettings struct {
	Doze bool `setting:"doze"`

	LightInactive    time.Duration `setting:"light-inactive"`
	LightPreIdle     time.Duration `setting:"light-pre-idle"` // 0: none
	LightPeriod      time.Duration `setting:"light-period"`
	LightPeriodMax   time.Duration `setting:"light-period-max"`
	LightFactor      float64       `setting:"light-factor"`
	LightWindowMin   time.Duration `setting:"light-window-min"`
	LightWindowMax   time.Duration `setting:"light-window-max"`
	LightWindowLeast time.Duration `setting:"light-window-least"`

	DeepInactive       time.Duration `setting:"deep-inactive"`
	DeepMotionInactive time.Duration `setting:"deep-motion-inactive"`
	DeepPending        time.Duration `setting:"deep-pending"`
	DeepSensing        time.Duration `setting:"deep-sensing"`
	DeepLocating       time.Duration `setting:"deep-locating"`
	DeepPeriod         time.Duration `setting:"deep-period"`
	DeepPeriodMax      time.Duration `setting:"deep-period-max"`
	DeepFactor         float64       `setting:"deep-factor"`
	DeepWindow         time.Duration `setting:"deep-window"`
	DeepWindowMax      time.Duration `setting:"deep-window-max"`
	DeepWindowFactor   float64       `setting:"deep-window-factor"`
	DeepWindowLeast    time.Duration `setting:"deep-window-least"`

	WaitForUnlock   bool `setting:"wait-for-unlock"`
	MotionEndsLight bool `setting:"motion-ends-light"`
	SwipeStops      bool `setting:"swipe-stops"`

	SendTimeout    time.Duration `setting:"send-timeout"`
	ConnectTimeout time.Duration `setting:"connect-timeout"`

	AlarmGap           time.Duration `setting:"alarm-gap"`
	AlarmNetwork       bool          `setting:"alarm-network"`
	AlarmGapWorkingSet time.Duration `setting:"alarm-gap-working-set"`
	AlarmGapFrequent   time.Duration `setting:"alarm-gap-frequent"`
	AlarmGapRare       time.Duration `setting:"alarm-gap-rare"`
	AlarmGapRestricted time.Duration `setting:"alarm-gap-restricted"`

	PushKept          int           `setting:"push-kept"`
	PushPenaltyLimit  int           `setting:"push-penalty-limit"` // 0: none
	PushPenaltyPer    time.Duration `setting:"push-penalty-per"`
	PushCapFrequent   int           `setting:"push-cap-frequent"` // 0: none
	PushCapRare       int           `setting:"push-cap-rare"`
	PushCapRestricted int           `setting:"push-cap-restricted"`

	JobWindow           time.Duration `setting:"job-window"`
	JobPeriodRare       time.Duration `setting:"job-period-rare"` // 0: App Standby holds nothing back
	JobPeriodRestricted time.Duration `setting:"job-period-restricted"`

	ServiceLimit          time.Duration `setting:"service-limit"`
	ServiceFromBackground bool          `setting:"service-from-background"`
}

// dozeRules are the rules that its numbers must keep: each period and window
// lasts, and grows up to its cap.
func (p *Profile) dozeRules() []sanity {
	return []sanity{
		{p.Suspends, "a system either suspends or dozes"},
		{p.LightPeriod <= 0 || p.LightPeriodMax < p.LightPeriod, "light-period must be more than 0, and no more than light-period-max"},
		{p.LightWindowMin <= 0 || p.LightWindowMax < p.LightWindowMin, "light-window-min must be more than 0, and no more than light-window-max"},
		{p.DeepPeriod <= 0 || p.DeepPeriodMax < p.DeepPeriod, "deep-period must be more than 0, and no more than deep-period-max"},
		{p.DeepWindow <= 0 || p.DeepWindowMax < p.DeepWindow, "deep-window must be more than 0, and no more than deep-window-max"},
		{p.LightFactor < 1 || p.DeepFactor < 1 || p.DeepWindowFactor < 1, "the factors by which periods grow must be at least 1"},
		{p.WakeWindow <= 0, "wake-window must be more than 0"},
		{p.KeepAliveWindow <= 0, "keepalive-window must be more than 0"},
		{p.PushWindow <= 0, "push-window must be more than 0"},
		{p.PushKept <= 0, "push-kept must be more than 0"},
		{p.JobWindow <= 0, "job-window must be more than 0"},
		{p.JobPeriodRare > 0 && p.JobPeriodRare <= p.JobWindow, "job-period-rare must be more than job-window"},
		{p.JobPeriodRestricted > 0 && p.JobPeriodRestricted <= p.JobWindow, "job-period-restricted must be more than job-window"},
		{p.ServiceLimit <= 0, "service-limit must be more than 0"},
	}
}
