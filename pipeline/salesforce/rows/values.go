package rows

import (
	"errors"
	"math"
	"strconv"
	"time"
	"unsafe"
)

// What can be wrong with a value.
var (
	errNoNumber  = errors.New("is no number")
	errNoInteger = errors.New("is no integer")
	errNoBool    = errors.New("is neither true nor false")
	errNoDate    = errors.New("is no date")
	errNoTime    = errors.New("is no date and time")
)

// text looks at bytes as a string for the time of a call.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func parseBool(b []byte) (bool, error) {
	switch len(b) {
	case 4:
		if b[0]|0x20 == 't' && b[1]|0x20 == 'r' && b[2]|0x20 == 'u' && b[3]|0x20 == 'e' {
			return true, nil
		}
	case 5:
		if b[0]|0x20 == 'f' && b[1]|0x20 == 'a' && b[2]|0x20 == 'l' && b[3]|0x20 == 's' && b[4]|0x20 == 'e' {
			return false, nil
		}
	}
	return false, errNoBool
}

// parseFloat reads a decimal number, with or without an exponent.
func parseFloat(b []byte) (float64, error) {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c|0x20 != 'e' {
			return 0, errNoNumber // also the words and the hexadecimal forms that strconv knows
		}
	}
	x, err := strconv.ParseFloat(text(b), 64)
	if err != nil {
		return 0, errNoNumber
	}
	return x, nil
}

// parseInt reads an integer. Salesforce also writes them as 12.0 and, when large, as 1.2E7.
func parseInt(b []byte) (int64, error) {
	if x, err := strconv.ParseInt(text(b), 10, 64); err == nil {
		return x, nil
	}
	x, err := parseFloat(b)
	if err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return 0, errNoInteger
	}
	return int64(x), nil
}

// digits reads n digits; -1 if they are not digits.
func digits(b []byte, n int) int {
	x := 0
	for _, c := range b[:n] {
		c -= '0'
		if c > 9 {
			return -1
		}
		x = 10*x + int(c)
	}
	return x
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// parseDay reads yyyy-MM-dd into days since 1970-01-01.
func parseDay(b []byte) (int64, bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y, m, d := digits(b, 4), digits(b[5:], 2), digits(b[8:], 2)
	if y < 0 || m < 1 || m > 12 || d < 1 || d > monthDays[m] && (m != 2 || d != 29 || y%4 != 0 || y%100 == 0 && y%400 != 0) {
		return 0, false
	}
	// Days from civil: years begin in March, so that the leap day is the last one; 400 years have 146,097 days.
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	if y < 0 {
		era = -1
	}
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	return int64(era)*146_097 + int64(yoe*365+yoe/4-yoe/100+doy) - 719_468, true
}

func parseDate(b []byte) (time.Time, error) {
	day, ok := parseDay(b)
	if !ok {
		return time.Time{}, errNoDate
	}
	return time.Unix(day*86_400, 0).UTC(), nil
}

// parseTime reads the datetimes of Bulk (…T03:04:05.000Z) and REST (…T03:04:05.000+0000), and what lies between: without a
// fraction, with a longer one (cut to milliseconds), with an offset in either spelling.
func parseTime(b []byte) (time.Time, error) {
	if len(b) < 20 || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return time.Time{}, errNoTime
	}
	day, ok := parseDay(b[:10])
	h, m, s := digits(b[11:], 2), digits(b[14:], 2), digits(b[17:], 2)
	if !ok || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 {
		return time.Time{}, errNoTime
	}
	rest, ms := b[19:], 0
	if rest[0] == '.' {
		n := 1
		for scale := 100; n < len(rest) && rest[n] >= '0' && rest[n] <= '9'; n++ {
			ms += scale * int(rest[n]-'0')
			scale /= 10
		}
		if n == 1 {
			return time.Time{}, errNoTime
		}
		rest = rest[n:]
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return time.Time{}, errNoTime
	}
	return time.UnixMilli(((day*24+int64(h))*60+int64(m)-offset)*60_000 + int64(s)*1000 + int64(ms)).UTC(), nil
}

// parseOffset reads Z, +0000 or +00:00 into minutes east of Greenwich.
func parseOffset(b []byte) (int64, bool) {
	if len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) == 6 && b[3] == ':' {
		b = append(append(make([]byte, 0, 5), b[:3]...), b[4:]...)
	}
	if len(b) != 5 || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	h, m := digits(b[1:], 2), digits(b[3:], 2)
	if h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	offset := int64(h*60 + m)
	if b[0] == '-' {
		offset = -offset
	}
	return offset, true
}
