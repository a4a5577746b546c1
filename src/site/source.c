/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The source of the running version, whole, in the program itself: who uses it over a network may have it (AGPL §13), whatever became of
   the place it was built in. Made by the Makefile; its pages are read only when somebody asks. */
#include "site/source.h"

/* The assembler reads the file: a compiler would take minutes for as many bytes in C. */
__asm__(".section .rodata\n"
        ".balign 8\n"
        ".global source_archive_bytes, source_archive_size\n"
        "source_archive_size: .quad source_archive_end - source_archive_bytes\n"
        "source_archive_bytes: .incbin \"build/gen/gen/source.tar.gz\"\n"
        "source_archive_end: .byte 0\n"
        ".previous\n");
extern const char source_archive_bytes[];
extern const size_t source_archive_size;

str source_archive(void) { return (str){source_archive_bytes, source_archive_size}; }
