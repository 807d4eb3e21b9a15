/* Faults on demand: `PATH:KIND[@N|%P][:ARG]`. Each counts its own matching requests and draws from its own stream, so
 * that the same requests in the same order meet the same faults. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "core/error.h"
#include "sim/request.h"

struct faults;

struct faults *faults_new(uint64_t seed);
void faults_free(struct faults *faults);
bool faults_add(struct faults *faults, const char *text, struct error *error);

/* None of those added so far strikes any more. */
void faults_end(struct faults *faults);

/* Draws; of several that strike, the first given does. Called once a request, before anything else. */
void faults_draw(struct request *request);
/* What happens instead of performing; true if the request is over. */
bool faults_before(struct request *request);
/* What becomes of the answer. */
void faults_after(struct request *request);

/* The text of the fault as given, or NULL. */
const char *faults_name(const struct fault *fault);
/* The kinds, for --help. */
void faults_help(FILE *out);

#endif
