/* All harnesses, one a file of this directory. fuzz/run.sh reads this list too. */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#define FUZZ_TARGETS(X) \
	X(chart) \
	X(device_list) \
	X(fault) \
	X(hunting) \
	X(inventory) \
	X(isotime) \
	X(journal) \
	X(keyfile) \
	X(literal) \
	X(predicate) \
	X(query) \
	X(row_reader) \
	X(table_file) \
	X(text) \
	X(url) \
	X(words)

#endif
