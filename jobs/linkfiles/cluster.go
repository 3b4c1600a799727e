package linkfiles

import "github.com/crmsync/crmsync/stages/match/linkage"

// clusters returns the cluster of every record that is in a link: the connected components of the links, named by their smallest
// record id.
func clusters(matches []linkage.Match) map[string]string {
	parent := map[string]string{}
	var root func(id string) string
	root = func(id string) string {
		up, ok := parent[id]
		if !ok {
			parent[id] = id
			return id
		}
		if up == id {
			return id
		}
		top := root(up)
		parent[id] = top
		return top
	}
	for _, m := range matches {
		if m.Decision != linkage.Link {
			continue
		}
		a, b := root(m.Left), root(m.Right)
		parent[max(a, b)] = min(a, b)
	}
	of := make(map[string]string, len(parent))
	for id := range parent {
		of[id] = root(id)
	}
	return of
}
