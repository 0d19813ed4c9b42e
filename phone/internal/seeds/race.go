//go:build race

package seeds

const racing = true
