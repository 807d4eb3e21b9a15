/* A fast sum of bytes that tells accidental damage (of a cache file). It is no protection against somebody who wants two
 * texts of one sum: that is what sha256_hex is for. */
#ifndef CORE_SUM_H
#define CORE_SUM_H

#include <stddef.h>
#include <stdint.h>

/* In the machine's own byte order. A change within one aligned word of eight bytes is certain to show. */
uint64_t sum_bytes(const void *bytes, size_t length);

#endif
