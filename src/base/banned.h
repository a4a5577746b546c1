/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* banned.h — read before every file (Makefile: -include): using one of these is a compile error. Each either overruns a buffer,
   keeps hidden state between threads, depends on the locale, or cannot report an error. */
#pragma once
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gmtime localtime asctime ctime gets atoi atof rand setlocale
