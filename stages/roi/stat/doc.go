// Package stat holds the statistics of the ROI comparison, as pure functions.
//
// Nouns:
//   - An Interval is a 95 % confidence interval of a difference, first group minus second.
//   - A Lifetime is how many whole days a deal lasted, and whether it ended or is still open (censored).
//   - A replicate is a statistic of one bootstrap sample: as many draws from the data, with replacement, as there are data.
//
// Invariants: nothing here reads a clock or the process's random source; equal input and seed give equal output. Replicates are drawn
// exactly, but in a time that does not grow with the number of equal or ordered values, so groups of millions are no dearer than
// groups of hundreds.
//
// Sources:
//   - R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of eleven methods,
//     Statistics in Medicine 17 (1998) 873-890, method 10.
//   - E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209-212.
//   - E. L. Kaplan, P. Meier, Nonparametric estimation from incomplete observations, JASA 53 (1958) 457-481.
//   - B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapters 2 and 13.
//   - B. Efron, Censored data and the bootstrap, JASA 76 (1981) 312-319: censored data are resampled as pairs.
package stat
