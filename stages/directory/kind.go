package directory

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/schemas"
)

// activityTypes are the types of R28 by their folded spellings, those of the managed package's record types included.
var activityTypes = map[string]string{
	"inmail": "InMail", "linkedininmail": "InMail", "inmailsent": "InMail",
	"message": "Message", "messages": "Message", "linkedinmessage": "Message", "messagesent": "Message",
	"note": "Note", "notes": "Note",
	"call": "Call", "calls": "Call", "linkedincall": "Call",
	"pointdriveview": "PointDriveView", "pointdrivepresentationviewed": "PointDriveView", "smartlinksviewed": "PointDriveView", "smartlinkview": "PointDriveView",
}

// usageKinds are the kinds of touches by their folded spellings.
var usageKinds = map[string]string{
	"profileview": "profile_view", "view": "profile_view", "save": "save", "search": "search", "alert": "alert",
	"inmail": "inmail", "message": "message", "connection": "connection",
}

// analyticsKinds are the activity types of the Analytics export that are touches. Types that it may bring besides are left out and
// counted, so that a new one does not stop the run.
var analyticsKinds = map[string]string{
	"profileviewed": "profile_view", "savedlead": "save", "savedaccount": "save", "searchperformed": "search",
	"inmailsent": "inmail", "messagesent": "message", "connectionmade": "connection",
}

// settle gives kinds their canonical spelling and derives what the export leaves out. ignore is set for rows that are no rows of
// the data set at all.
func (l *layout) settle(cells []string) (ignore bool, bad *badRow) {
	set := func(field string, known map[string]string) bool {
		i := l.ds.Index(field)
		v, ok := known[fold(cells[i])]
		if ok {
			cells[i] = v
		}
		return ok || cells[i] == ""
	}
	switch {
	case l.ds == schemas.Activities:
		if !set("type", activityTypes) {
			return false, &badRow{field: "type", reason: "is none of InMail, Message, Note, Call, PointDriveView"}
		}
		if i := l.ds.Index("log_to_crm"); cells[i] == "" {
			cells[i] = "false"
		}
	case l.analytics:
		return !set("kind", analyticsKinds), nil
	case l.ds == schemas.Usage:
		if !set("kind", usageKinds) && !set("kind", analyticsKinds) {
			return false, &badRow{field: "kind", reason: "is none of profile_view, save, search, alert, inmail, message, connection"}
		}
		l.identify(cells)
	}
	return false, nil
}

// identify makes an id from the event when it has none: the same event gives the same id in every export.
func (l *layout) identify(cells []string) {
	id := l.ds.Index("usage_id")
	if cells[id] != "" {
		return
	}
	at := cells[l.ds.Index("occurred_at")]
	if t, ok := l.time(at); ok {
		at = t.Format(time.RFC3339Nano)
	}
	event := []string{at}
	for _, field := range []string{"seat_id", "kind", "member_id", "company_id"} {
		event = append(event, cells[l.ds.Index(field)])
	}
	sum := xxh3.HashString128(strings.Join(event, "\x00")).Bytes()
	cells[id] = "h" + hex.EncodeToString(sum[:])
}
