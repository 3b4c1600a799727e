package fold

import "testing"

func BenchmarkFold(b *testing.B) {
	for _, c := range []struct {
		name, text string
		fn         func(string)
	}{
		{"plain", "acme corporation", func(s string) { Text(s) }},
		{"ascii", "Acme Corporation, Inc.", func(s string) { Text(s) }},
		{"latin", "Müller & Söhne", func(s string) { Text(s) }},
		{"cyrillic", "Иван Щербаков", func(s string) { Text(s) }},
		{"greek", "Γιώργος Παπαδόπουλος", func(s string) { Text(s) }},
		{"chinese", "李小龙", func(s string) { Text(s) }},
		{"kana", "さとう じろう", func(s string) { Text(s) }},
		{"words", "Acme Corporation, Inc.", func(s string) { Words(s) }},
		{"skeleton", "schroeder", func(s string) { Skeleton(s) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.fn(c.text)
			b.ReportAllocs()
			for b.Loop() {
				c.fn(c.text)
			}
		})
	}
}
