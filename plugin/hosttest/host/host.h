/* What the files of the host share. */
#ifndef HOST_H
#define HOST_H

#define _GNU_SOURCE
#include <pthread.h>

#include "proxy.h"

#define MAX 64
#define UNUSED 0x5a /* fills memory that is not the plugin's */

struct registration {
    void *library;
    unsigned char *definition;
    struct plugin plugin;
    struct callbacks callbacks;
};

struct job {
    char file[512];
    struct job *next;
};

struct instance {
    char id[32];
    char *keys[MAX], *values[MAX];
    int nkeys, workers, stopping, busy;
    struct registration *registration;
    struct context context;
    pthread_t threads[MAX];
    struct job *first, **last;
    struct instance *next;
};

/* registration.c */
extern struct registration registrations[MAX];
extern int nregistrations;
void do_register(const char *library, int version);
void do_unregister(int n);
void *symbol(struct registration *r, const char *name);

/* flush.c */
extern pthread_mutex_t lock; /* of the instances and their jobs */
extern pthread_cond_t changed;
void flush_file(struct instance *in, const char *path);
void *worker(void *instance);

/* main.c */
void die(const char *what, const char *why);
void *allocate(size_t size);
long milliseconds(void);

#endif
