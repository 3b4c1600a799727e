package check

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// TestFailSaysEachThingOnce splits an error into what was found and what to do, and keeps advice that is better.
func TestFailSaysEachThingOnce(t *testing.T) {
	tests := []struct {
		name         string
		err          error
		advice       string
		says, doPart string
	}{
		{"sentinel at the end", fmt.Errorf("log in: invalid_grant: expired: %w", salesforce.ErrRevoked), "", "log in: invalid_grant: expired", "External Client App"},
		{"better advice", fmt.Errorf("describe Lead: 404: %w", salesforce.ErrNotFound), "grant it", "describe Lead: 404", "grant it"},
		{"sentinel in the middle", fmt.Errorf("%w (tried 6 times)", fmt.Errorf("limits: %w", salesforce.ErrPermission)), "", "limits (tried 6 times)", "View All Data"},
		{"sentinel alone", salesforce.ErrLogin, "", salesforce.ErrLogin.Error(), salesforce.ErrLogin.Error()},
		{"no sentinel", errors.New("connection refused"), "", "connection refused", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &Report{}
			r.Fail("x", tt.err, tt.advice)
			f := r.Findings[0]
			if f.Level != Red || r.Red != 1 || f.Says != tt.says || !strings.Contains(f.Do, tt.doPart) || tt.doPart == "" && f.Do != "" {
				t.Errorf("finding %+v", f)
			}
		})
	}
}
