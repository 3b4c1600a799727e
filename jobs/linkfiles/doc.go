// Package linkfiles links the records of any two files, or finds duplicates in one, as a specification says: which column has which
// role, and how sure a link has to be. The work is done by the matcher's own packages; this one reads, writes and clusters.
package linkfiles
