package postgres

import (
	"errors"
	"strings"
	"testing"
)

func TestVersionError(t *testing.T) {
	t.Parallel()
	for num, ok := range map[int]bool{90624: false, 140011: false, 150000: true, 180004: true} {
		if err := versionError(num, "x.y"); (err == nil) != ok || err != nil && (!errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "x.y")) {
			t.Errorf("%d: %v", num, err)
		}
	}
}
