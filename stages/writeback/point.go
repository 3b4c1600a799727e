package writeback

// point names a place between two steps of the protocol: a process may end at each, and nothing is lost or doubled.
type point string

const (
	pointImported  point = "imported"  // new activities are in the outbox, not committed
	pointCollected point = "collected" // a Bulk job told what became of its rows; nothing recorded
	pointEnded     point = "ended"     // all Bulk jobs that were at work were looked at
	pointAsked     point = "asked"     // the org answered about rows found sending; nothing recorded
	pointRecovered point = "recovered" // recorded
	pointDecided   point = "decided"
	pointOpened    point = "opened"  // a Bulk job is open; no row names it yet
	pointMarking   point = "marking" // marked, not committed
	pointMarked    point = "marked"
	pointUploaded  point = "uploaded"  // the Bulk job has the records, and makes none yet
	pointClosed    point = "closed"    // the Bulk job is at work
	pointCalled    point = "called"    // a call is over: the org has the records
	pointRecording point = "recording" // recorded, not committed
	pointRecorded  point = "recorded"
)

// points are all of them, in the order of a cycle.
var points = []point{
	pointImported, pointCollected, pointEnded, pointAsked, pointRecovered, pointDecided, pointOpened, pointMarking, pointMarked, pointUploaded, pointClosed,
	pointCalled, pointRecording, pointRecorded,
}
