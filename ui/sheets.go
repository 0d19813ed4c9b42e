package ui

// sheets are the overlays that lie over a part of the screen for a while: the settings, the
// lab, what was said, and the inbox.
type sheets struct {
	settings settings
	setting  settingEdit
	lab      labPanel
	said     said
	inbox    inbox
}

func newSheets(opt Options, h *history) sheets {
	return sheets{settings: settings{table: opt.Settings}, lab: labPanel{help: opt.Lab, history: h}, inbox: inbox{history: h}}
}
