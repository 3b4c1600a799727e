package salesforce_test

import (
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

func TestWhoAmI(t *testing.T) {
	for name, hidden := range map[string]bool{"preference shown": false, "preference hidden": true} {
		t.Run(name, func(t *testing.T) {
			opts := fakeforce.Options{}
			if hidden {
				opts.HiddenFields = map[string][]string{"User": {"UserPreferencesLightningExperiencePreferred"}}
			}
			b := newBench(t, opts, nil)
			who, err := b.WhoAmI(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if who.ID != b.org.UserID() || who.Username != username || who.Name != "Integration User" {
				t.Errorf("identity %+v", who)
			}
			if (who.Lightning == nil) != hidden || !hidden && !*who.Lightning {
				t.Errorf("lightning %v", who.Lightning)
			}
		})
	}
}
