package linkfiles

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// cpuSeconds is the processor time that this process took so far, on all cores.
func cpuSeconds() float64 {
	u := resources()
	return seconds(u.Utime) + seconds(u.Stime)
}

// peakRSS is the most memory that this process held, in bytes. Linux tells it of the program alone; what getrusage says there
// begins with the size of the process that started it.
func peakRSS() int64 {
	if f, err := os.Open("/proc/self/status"); err == nil {
		defer f.Close()
		for in := bufio.NewScanner(f); in.Scan(); {
			text, ok := strings.CutPrefix(in.Text(), "VmHWM:")
			if !ok {
				continue
			}
			if kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(text, "kB")), 10, 64); err == nil {
				return kib << 10
			}
		}
	}
	if runtime.GOOS == "darwin" {
		return int64(resources().Maxrss)
	}
	return int64(resources().Maxrss) << 10
}

func resources() (u syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails for a bad pointer only
	return u
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
