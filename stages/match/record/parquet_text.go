package record

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// textOf returns how values of a type are written in a CSV file; a null is "".
func textOf(t parquet.Type) func(v parquet.Value) string {
	text := plainText
	if l := t.LogicalType(); l != nil {
		switch l := l.Value.(type) {
		case *format.DateType:
			text = func(v parquet.Value) string { return time.Unix(int64(v.Int32())*86400, 0).UTC().Format(time.DateOnly) }
		case *format.TimestampType:
			if l.Unit.Value != nil {
				unit := l.Unit.Value.Duration()
				text = func(v parquet.Value) string {
					perSecond := int64(time.Second / unit)
					return time.Unix(v.Int64()/perSecond, v.Int64()%perSecond*int64(unit)).UTC().Format(time.RFC3339)
				}
			}
		case *format.IntType:
			if !l.IsSigned && l.BitWidth == 64 {
				text = func(v parquet.Value) string { return strconv.FormatUint(v.Uint64(), 10) }
			}
		case *format.UUIDType:
			text = func(v parquet.Value) string {
				if id, err := uuid.FromBytes(v.ByteArray()); err == nil {
					return id.String()
				}
				return ""
			}
		case *format.DecimalType:
			text = func(v parquet.Value) string { return decimal(v, int(l.Scale)) }
		}
	}
	return func(v parquet.Value) string {
		if v.IsNull() {
			return ""
		}
		return text(v)
	}
}

func plainText(v parquet.Value) string {
	switch v.Kind() {
	case parquet.Int32:
		return strconv.Itoa(int(v.Int32()))
	case parquet.Int64:
		return strconv.FormatInt(v.Int64(), 10)
	case parquet.Float:
		return float(float64(v.Float()), 32)
	case parquet.Double:
		return float(v.Double(), 64)
	case parquet.Boolean:
		return strconv.FormatBool(v.Boolean())
	case parquet.Int96: // the former timestamp: nanoseconds of the day, and the Julian day
		n := v.Int96()
		day := time.Unix((int64(n[2])-2440588)*86400, int64(uint64(n[1])<<32|uint64(n[0])))
		return day.UTC().Format(time.RFC3339)
	}
	return strings.ToValidUTF8(string(v.ByteArray()), "\uFFFD")
}

// float writes a number as people do: numbers of telephones and records come as floats too, when a column has gaps.
func float(x float64, bits int) string {
	if math.Abs(x) < 1e17 && (math.Abs(x) > 1e-5 || x == 0) {
		return strconv.FormatFloat(x, 'f', -1, bits)
	}
	return strconv.FormatFloat(x, 'g', -1, bits)
}

// decimal writes an unscaled number with some places after the point.
func decimal(v parquet.Value, scale int) string {
	var n big.Int
	switch v.Kind() {
	case parquet.Int32:
		n.SetInt64(int64(v.Int32()))
	case parquet.Int64:
		n.SetInt64(v.Int64())
	default: // big-endian, two's complement
		b := v.ByteArray()
		n.SetBytes(b)
		if len(b) > 0 && b[0]&0x80 != 0 {
			n.Sub(&n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
	}
	text := new(big.Rat).SetFrac(&n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(0, scale))), nil)).FloatString(max(0, scale))
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
