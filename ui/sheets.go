package ui

// sheets are the overlays that lie over a part of the screen for a while: the settings, the
// lab, and what was said.
type sheets struct {
	settings settings
	setting  settingEdit
	lab      labPanel
	said     said
}

func newSheets(opt Options, h *history) sheets {
	return sheets{settings: settings{table: opt.Settings}, lab: labPanel{help: opt.Lab, history: h}}
}
