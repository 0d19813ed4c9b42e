package keep

import (
	"html"
	"net/url"
	"regexp"
)

// maxPage bounds the part of a page that is searched for a link, in bytes.
const maxPage = 64 << 20

// linkForm is a link of a page, as our templates write it.
var linkForm = regexp.MustCompile(`<a href="([^"]*)"`)

// linked reports whether a page is ours and links to a file beside it.
func linked(page, file string) bool {
	text, err := readHead(page, maxPage)
	if err != nil || !Page.recognises(text[:min(len(text), headSize)]) {
		return false
	}
	for _, link := range linkForm.FindAllSubmatch(text, -1) {
		if name, err := url.PathUnescape(html.UnescapeString(string(link[1]))); err == nil && name == file {
			return true
		}
	}
	return false
}
