package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// labName is whose events those of the lab itself are.
const labName = scenario.LabActor

const writeCAHelp = "write the certificate that is shown over TLS to this file, for --ca of a phone"

// startLab makes a lab listen and returns where.
func startLab(ctx context.Context, l *stage.LabHost) (stage.Addresses, error) {
	at, err := l.Start(ctx)
	if e, ok := errors.AsType[*stage.LabError](err); ok {
		err = cannot(err, e.Hint)
	}
	return at, err
}

// writeCA writes the lab's certificate to a file, if one is named.
func writeCA(l *stage.LabHost, file string) error {
	if file == "" {
		return nil
	}
	if err := os.WriteFile(file, secure.PEM(l.Certificate()), 0o666); err != nil {
		return cannot(fmt.Errorf("--write-ca: %w", err), "")
	}
	return nil
}
