package device

import "time"

// dozeSettings are the settings of a system that dozes. What each means, and
// where its number comes from, is said in assets/profiles/android-doze.yaml.
type dozeSettings struct {
	plain
	Doze bool `setting:"doze"`

	LightInactive    time.Duration `setting:"light-inactive"`
	LightPreIdle     time.Duration `setting:"light-pre-idle"` // 0: none
	LightPeriod      time.Duration `setting:"light-period"`
	LightPeriodMax   time.Duration `setting:"light-period-max"`
	LightFactor      float64       `setting:"light-factor"`
	LightStep        time.Duration `setting:"light-step"` // 0: periods grow by the factor
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

	DistributorExempt bool          `setting:"distributor-exempt"`
	DistributorWindow time.Duration `setting:"distributor-window"`

	JobWindow           time.Duration `setting:"job-window"`
	JobPeriodRare       time.Duration `setting:"job-period-rare"` // 0: App Standby holds nothing back
	JobPeriodRestricted time.Duration `setting:"job-period-restricted"`

	FreezeAfter    time.Duration `setting:"freeze-after"` // 0: cached apps run on
	FreezeDestroys bool          `setting:"freeze-destroys"`
	RadioIdle      time.Duration `setting:"radio-idle"`

	FullScreenIntent bool          `setting:"full-screen-intent"`
	HeadsUpTime      time.Duration `setting:"heads-up-time"`
	AudioInUse       bool          `setting:"audio-in-use"`

	ServicePhoneCall      bool          `setting:"service-phone-call"`
	ServiceShort          time.Duration `setting:"service-short"` // 0: without limit
	ServiceShortGrace     time.Duration `setting:"service-short-grace"`
	ServiceLimit          time.Duration `setting:"service-limit"`
	ServiceFromBackground bool          `setting:"service-from-background"`
}

// rules: each period and window lasts, and grows up to its cap.
func (s *dozeSettings) rules(p *Profile) []sanity {
	if !s.Doze {
		return []sanity{p.computerRule()}
	}
	return []sanity{
		{p.Suspends, "a system either suspends or dozes"},
		{s.LightPeriod <= 0 || s.LightPeriodMax < s.LightPeriod, "light-period must be more than 0, and no more than light-period-max"},
		{s.LightWindowMin <= 0 || s.LightWindowMax < s.LightWindowMin, "light-window-min must be more than 0, and no more than light-window-max"},
		{s.DeepPeriod <= 0 || s.DeepPeriodMax < s.DeepPeriod, "deep-period must be more than 0, and no more than deep-period-max"},
		{s.DeepWindow <= 0 || s.DeepWindowMax < s.DeepWindow, "deep-window must be more than 0, and no more than deep-window-max"},
		{s.LightFactor < 1 || s.DeepFactor < 1 || s.DeepWindowFactor < 1, "the factors by which periods grow must be at least 1"},
		{p.launchesApps() && p.LaunchLimit <= 0, "launch-limit must be more than 0"},
		{p.WakeWindow <= 0, "wake-window must be more than 0"},
		{p.KeepAliveWindow <= 0, "keepalive-window must be more than 0"},
		{p.PushWindow <= 0, "push-window must be more than 0"},
		{s.PushKept <= 0, "push-kept must be more than 0"},
		{s.DistributorWindow <= 0, "distributor-window must be more than 0"},
		{s.JobWindow <= 0, "job-window must be more than 0"},
		{s.JobPeriodRare > 0 && s.JobPeriodRare <= s.JobWindow, "job-period-rare must be more than job-window"},
		{s.JobPeriodRestricted > 0 && s.JobPeriodRestricted <= s.JobWindow, "job-period-restricted must be more than job-window"},
		{s.ServiceLimit <= 0, "service-limit must be more than 0"},
		{s.HeadsUpTime <= 0, "heads-up-time must be more than 0"},
	}
}

func (s *dozeSettings) pushService() string {
	if s.Doze {
		return "fcm"
	}
	return ""
}
