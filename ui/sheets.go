package ui

// sheets are the overlays that lie over a part of the screen for a while: the settings.
type sheets struct {
	settings settings
	setting  settingEdit
}

func newSheets(opt Options) sheets {
	return sheets{settings: settings{table: opt.Settings}}
}
