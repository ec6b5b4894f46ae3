/* A host for the plugin: it loads the library and calls it as Fluent Bit 4 and 5 do, from the same kinds of threads and
 * stacks and in the same order. It reads commands from stdin, one a line, and answers each with lines that end in "ok":
 *
 *   register 4|5               load the library and register; GEN is counted from 0
 *   unregister GEN             free a registration
 *   init ID WORKERS K=V...     start an instance of the newest registration
 *   flush ID FILE [TIMES]      hand a chunk to the instance's workers, or call it here when there are none
 *   wait                       until all flushes and everything begun with async is done
 *   exit ID                    end an instance
 *   async COMMAND              run a command on a thread of its own
 *   signal NUMBER              raise a signal that the host handles, as Fluent Bit handles SIGHUP
 */
#include "host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *library;
static struct instance *instances;
static pthread_t asyncs[MAX];
static int nasyncs;

void die(const char *what, const char *why)
{
    fprintf(stderr, "host: %s: %s\n", what, why ? why : "");
    exit(2);
}

void *allocate(size_t size)
{
    void *p = calloc(1, size);
    if (!p)
        die("allocate", "no memory");
    return p;
}

long milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct instance *find(const char *id)
{
    pthread_mutex_lock(&lock);
    struct instance *in = instances;
    while (in && strcmp(in->id, id))
        in = in->next;
    pthread_mutex_unlock(&lock);
    if (!in)
        die("no instance", id);
    return in;
}

static void do_init(char **words, int n)
{
    struct instance *in = allocate(sizeof *in);
    snprintf(in->id, sizeof in->id, "%s", words[1]);
    in->workers = atoi(words[2]);
    in->last = &in->first;
    for (int i = 3; i < n; i++) {
        char *value = strchr(words[i], '=');
        *value = 0;
        in->keys[in->nkeys] = words[i];
        in->values[in->nkeys++] = value + 1;
    }
    struct registration *r = in->registration = &registrations[nregistrations - 1];
    r->plugin.callbacks = &r->callbacks;
    r->plugin.instance = in;
    r->plugin.context = &in->context;
    int answer = ((init_fn)symbol(r, "FLBPluginInit"))(&r->plugin);
    memset(&r->plugin.callbacks, UNUSED, 3 * sizeof(void *)); /* soon they will be another instance's */
    if (answer > 0) {
        pthread_mutex_lock(&lock);
        in->next = instances;
        instances = in;
        pthread_mutex_unlock(&lock);
        for (int i = 0; i < in->workers; i++)
            pthread_create(&in->threads[i], NULL, worker, in);
    }
    printf("init %s %d\n", in->id, answer);
}

static void do_flush(struct instance *in, const char *file, int times)
{
    for (int i = 0; i < times; i++) {
        if (in->workers == 0) {
            flush_file(in, file);
            continue;
        }
        struct job *j = allocate(sizeof *j);
        snprintf(j->file, sizeof j->file, "%s", file);
        pthread_mutex_lock(&lock);
        *in->last = j;
        in->last = &j->next;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
}

static void do_exit(struct instance *in)
{
    pthread_mutex_lock(&lock);
    in->stopping = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < in->workers; i++)
        pthread_join(in->threads[i], NULL);
    long begin = milliseconds();
    int answer = ((exit_fn)symbol(in->registration, "FLBPluginExitCtx"))(in->context.remote);
    printf("exit %s %d %ld\n", in->id, answer, milliseconds() - begin);
}

static void do_wait(void)
{
    for (int i = 0; i < nasyncs; i++)
        pthread_join(asyncs[i], NULL);
    nasyncs = 0;
    pthread_mutex_lock(&lock);
    for (struct instance *in = instances; in; in = in->next)
        while (in->first || in->busy)
            pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void run(char *line);

static void *run_async(void *line)
{
    run(line);
    return NULL;
}

static void run(char *line)
{
    char *words[MAX], *save, *copy = strdup(line); /* kept: instances point into it */
    int n = 0;
    if (!strncmp(line, "async ", 6)) {
        pthread_create(&asyncs[nasyncs++], NULL, run_async, copy + 6);
        return;
    }
    for (char *w = strtok_r(copy, " \n", &save); w && n < MAX; w = strtok_r(NULL, " \n", &save))
        words[n++] = w;
    if (n == 2 && !strcmp(words[0], "register"))
        do_register(library, atoi(words[1]));
    else if (n == 2 && !strcmp(words[0], "unregister"))
        do_unregister(atoi(words[1]));
    else if (n >= 3 && !strcmp(words[0], "init"))
        do_init(words, n);
    else if (n >= 3 && !strcmp(words[0], "flush"))
        do_flush(find(words[1]), words[2], n > 3 ? atoi(words[3]) : 1);
    else if (n == 2 && !strcmp(words[0], "exit"))
        do_exit(find(words[1]));
    else if (n == 2 && !strcmp(words[0], "signal"))
        raise(atoi(words[1]));
    else if (n == 1 && !strcmp(words[0], "wait"))
        do_wait();
    else
        die("unknown command", line);
}

static void ignore(int number)
{
    (void)number;
}

int main(int argc, char **argv)
{
    char line[4096];
    if (argc != 2)
        die("usage", "host LIBRARY");
    library = argv[1];
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGHUP, ignore);
    while (fgets(line, sizeof line, stdin)) {
        run(line);
        puts("ok");
    }
    return 0;
}
