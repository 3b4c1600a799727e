package pipeline

import (
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress shows how far long work is. Its tasks may be used from several goroutines.
type Progress interface {
	// Start begins a task; a total of zero means that it is not known yet.
	Start(label string, total int64, unit string) Task
}

// Task is one line of progress.
type Task interface {
	Add(n int64)
	SetTotal(n int64)
	Done()
}

// NoProgress shows nothing.
type NoProgress struct{}

// Start implements Progress.
func (NoProgress) Start(string, int64, string) Task { return noTask{} }

type noTask struct{}

func (noTask) Add(int64)      {}
func (noTask) SetTotal(int64) {}
func (noTask) Done()          {}

// Bars draws progress bars on a terminal.
type Bars struct{ p *mpb.Progress }

// NewBars draws on w, which should be a terminal.
func NewBars(w io.Writer) *Bars {
	return &Bars{p: mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithRefreshRate(120*time.Millisecond))}
}

// Start implements Progress.
func (b *Bars) Start(label string, total int64, unit string) Task {
	bar := b.p.AddBar(total,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(label, decor.WC{W: 34, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.CurrentNoUnit("% d"), decor.Name(" "+unit+" "), decor.Elapsed(decor.ET_STYLE_GO)),
	)
	return &barTask{bar: bar}
}

// Wait ends the drawing; call it before printing anything else to the terminal.
func (b *Bars) Wait() { b.p.Wait() }

type barTask struct{ bar *mpb.Bar }

func (t *barTask) Add(n int64)      { t.bar.IncrInt64(n) }
func (t *barTask) SetTotal(n int64) { t.bar.SetTotal(n, false) }
func (t *barTask) Done()            { t.bar.SetTotal(-1, true) }

// Lines logs progress as structured lines: at most one per interval and task, and one at the end.
type Lines struct {
	Log      *slog.Logger
	Interval time.Duration
}

// Start implements Progress.
func (l Lines) Start(label string, total int64, unit string) Task {
	t := &lineTask{lines: l, label: label, unit: unit, started: time.Now()}
	t.total.Store(total)
	t.next.Store(t.started.Add(l.Interval).UnixNano())
	return t
}

type lineTask struct {
	lines       Lines
	label, unit string
	started     time.Time
	total, n    atomic.Int64
	next        atomic.Int64
}

func (t *lineTask) Add(n int64) {
	done := t.n.Add(n)
	now, due := time.Now(), t.next.Load()
	if now.UnixNano() < due || !t.next.CompareAndSwap(due, now.Add(t.lines.Interval).UnixNano()) {
		return
	}
	t.lines.Log.Info("progress", "task", t.label, "done", done, "total", t.total.Load(), "unit", t.unit, "dur_ms", now.Sub(t.started).Milliseconds())
}

func (t *lineTask) SetTotal(n int64) { t.total.Store(n) }

func (t *lineTask) Done() {
	t.lines.Log.Debug("progress ends", "task", t.label, "done", t.n.Load(), "unit", t.unit, "dur_ms", time.Since(t.started).Milliseconds())
}
