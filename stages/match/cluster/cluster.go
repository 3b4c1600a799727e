// Package cluster groups records that links join, directly or over other records.
//
// A cluster is a connected component of the links; its name is the smallest id in it, by bytes. So a chain a-b, b-c puts a and c
// into one cluster although nothing compared them: clusters say no more than the weakest link between their parts.
package cluster

import "iter"

// Clusters holds the records that are in at least one link. The zero value holds none. It is not safe for several goroutines.
type Clusters struct {
	number map[string]uint32
	ids    []string
	parent []uint32 // of a record; a root is its own
	size   []uint32 // of a root's cluster
	name   []uint32 // of a root's cluster, by its smallest record
}

// Of returns the clusters of some links.
func Of(links iter.Seq2[string, string]) *Clusters {
	c := &Clusters{}
	for a, b := range links {
		c.Join(a, b)
	}
	return c
}

// Join links two records.
func (c *Clusters) Join(a, b string) {
	x, y := c.root(c.at(a)), c.root(c.at(b))
	if x == y {
		return
	}
	if c.size[x] < c.size[y] {
		x, y = y, x
	}
	c.parent[y] = x
	c.size[x] += c.size[y]
	if c.ids[c.name[y]] < c.ids[c.name[x]] {
		c.name[x] = c.name[y]
	}
}

// Name returns the cluster of a record, "" when it is in no link.
func (c *Clusters) Name(id string) string {
	n, ok := c.number[id]
	if !ok {
		return ""
	}
	return c.ids[c.name[c.root(n)]]
}

// All yields every record with the name of its cluster, in the order in which records were first linked.
func (c *Clusters) All() iter.Seq2[string, string] {
	return func(yield func(id, cluster string) bool) {
		for n, id := range c.ids {
			if !yield(id, c.ids[c.name[c.root(uint32(n))]]) {
				return
			}
		}
	}
}

// Sizes returns how many records each cluster has, in no particular order.
func (c *Clusters) Sizes() []int {
	var list []int
	for n := range c.ids {
		if c.parent[n] == uint32(n) {
			list = append(list, int(c.size[n]))
		}
	}
	return list
}

// at numbers a record.
func (c *Clusters) at(id string) uint32 {
	if n, ok := c.number[id]; ok {
		return n
	}
	if c.number == nil {
		c.number = map[string]uint32{}
	}
	n := uint32(len(c.ids))
	c.number[id] = n
	c.ids, c.parent, c.size, c.name = append(c.ids, id), append(c.parent, n), append(c.size, 1), append(c.name, n)
	return n
}

// root follows parents, halving the path.
func (c *Clusters) root(n uint32) uint32 {
	for c.parent[n] != n {
		c.parent[n] = c.parent[c.parent[n]]
		n = c.parent[n]
	}
	return n
}
