package app

// NoStrategy does nothing to stay reachable: the control group.
const NoStrategy Strategy = "none"

func noneTraits() Traits {
	return Traits{Name: NoStrategy, Help: "does nothing to stay reachable", Expires: defaultExpires}
}
