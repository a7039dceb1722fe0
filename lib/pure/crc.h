/* SPDX-License-Identifier: ISC
 *
 * crc: CRC-32C (Castagnoli; RFC 3720 B.4), against damage, not against
 * malice. In software alone: asking the processor what it can do costs a
 * small message more than its checksum when the machine is a virtual one. */
#ifndef PURE_CRC_H
#define PURE_CRC_H

#include "pure/span.h"

/* The checksum of the bytes behind those whose checksum is `crc`; 0 when they
 * are the first. crc32c(crc32c(0, a), b) is the checksum of a and b. */
uint32_t crc32c(uint32_t crc, struct span bytes);

#endif
