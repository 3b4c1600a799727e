package control

import (
	"fmt"
	"strings"
)

// longID returns a Salesforce id in its form of 18 characters, which the data sets use: a suffix that tells upper from lower case.
func longID(id string) (string, error) {
	for _, c := range id {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "", fmt.Errorf("%q is no Salesforce id", id)
		}
	}
	if len(id) != 15 && len(id) != 18 {
		return "", fmt.Errorf("%q is no Salesforce id of 15 or 18 characters", id)
	}
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	suffix := make([]byte, 3)
	for i := range suffix {
		bits := 0
		for j, c := range id[i*5 : i*5+5] {
			if c >= 'A' && c <= 'Z' {
				bits |= 1 << j
			}
		}
		suffix[i] = digits[bits]
	}
	if len(id) == 18 && !strings.EqualFold(id[15:], string(suffix)) {
		return "", fmt.Errorf("%q has a wrong suffix for a Salesforce id; was it typed in one case?", id)
	}
	return id[:15] + string(suffix), nil
}
