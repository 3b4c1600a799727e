package main

import (
	"strings"
	"testing"
)

// TestLogsHoldNoPersonalData syncs with everything logged and looks for the people of the org and for secrets in what was printed.
func TestLogsHoldNoPersonalData(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	c, out := s.run(t.Context(), t, "sync", "--set", "log.level=debug")
	if err := c.Run(); err != nil {
		t.Fatalf("sync: %v\n%s", err, out)
	}
	if !strings.Contains(out.String(), "stage ends") {
		t.Fatalf("nothing was logged, so the test shows nothing:\n%s", out)
	}
	people := 0
	for _, soql := range []string{
		"SELECT Name, Email, Phone FROM Contact", "SELECT Name, Email, Phone FROM Lead", "SELECT Name, Email, Phone FROM User WHERE IsActive = true",
	} {
		found, err := w.Org.Rows(soql)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range found {
			people++
			for _, value := range row {
				if len(value) > 4 && strings.Contains(out.String(), value) && value != "integration@example.com" {
					t.Errorf("the log holds %q", value)
				}
			}
		}
	}
	if people < 500 {
		t.Errorf("only %d people were looked for", people)
	}
	for _, secret := range []string{"PRIVATE KEY", "AGE-SECRET-KEY", "access_token", "Bearer "} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log holds a secret: %s", secret)
		}
	}
}
