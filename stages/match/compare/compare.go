// Package compare measures how alike two folded words are. Words are ASCII (package fold), so bytes are letters.
package compare

// JaroWinkler returns the Jaro-Winkler similarity of two words, 0 to 1 (Winkler 1990: Jaro's measure, raised by a tenth of the rest
// for each of up to four equal first letters). Letters beyond the 64th are not looked at. It does not allocate, and gives the same
// for both orders, which Jaro's search for partners alone would not.
func JaroWinkler(a, b string) float64 {
	if len(a) > len(b) || len(a) == len(b) && a > b {
		a, b = b, a
	}
	if len(a) > 64 {
		a = a[:64]
	}
	if len(b) > 64 {
		b = b[:64]
	}
	if len(a) == 0 || len(b) == 0 {
		if len(a) == len(b) {
			return 1
		}
		return 0
	}
	window := max(0, max(len(a), len(b))/2-1)
	var inA, inB uint64 // which letters have a partner
	matches := 0
	for i := range len(a) {
		for j, end := max(0, i-window), min(len(b), i+window+1); j < end; j++ {
			if a[i] == b[j] && inB&(1<<j) == 0 {
				inA |= 1 << i
				inB |= 1 << j
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	swaps, j := 0, 0
	for i := range len(a) {
		if inA&(1<<i) == 0 {
			continue
		}
		for inB&(1<<j) == 0 {
			j++
		}
		if a[i] != b[j] {
			swaps++
		}
		j++
	}
	m := float64(matches)
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(swaps/2))/m) / 3
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}

// OneEdit reports whether two words differ by at most one inserted, deleted or replaced letter, or by two neighbours swapped.
func OneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) {
		return true
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
