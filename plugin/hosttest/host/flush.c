/* Flushes, and the workers that call them. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK (24 * 1024) /* of a flush; newer versions of Fluent Bit give 64 KiB */

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* A flush runs on a small stack of its own, which the thread switches to. */
struct call {
    struct instance *in;
    void *data;
    size_t size;
    int answer;
    ucontext_t back;
};

static __thread struct call *current;

static void run_call(void)
{
    struct call *c = current;
    flush_fn flush = (flush_fn)symbol(c->in->registration, "FLBPluginFlushCtx");
    char tag[] = "audit";
    c->answer = flush(c->in->context.remote, c->data, c->size, tag);
    setcontext(&c->back);
}

static int flush_on_small_stack(struct instance *in, void *data, size_t size)
{
    struct call call = {.in = in, .data = data, .size = size};
    long page = sysconf(_SC_PAGESIZE);
    char *stack = mmap(NULL, STACK + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED || mprotect(stack, page, PROT_NONE)) /* an overflow ends here */
        die("stack", "no memory");
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = stack + page;
    context.uc_stack.ss_size = STACK;
    makecontext(&context, run_call, 0);
    current = &call;
    swapcontext(&call.back, &context);
    munmap(stack, STACK + page);
    return call.answer;
}

void flush_file(struct instance *in, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        die("open chunk", path);
    fseek(f, 0, SEEK_END);
    size_t size = (size_t)ftell(f);
    rewind(f);
    char *data = allocate(size + 1);
    if (fread(data, 1, size, f) != size)
        die("read chunk", path);
    fclose(f);
    long begin = milliseconds();
    int answer = flush_on_small_stack(in, data, size);
    memset(data, UNUSED, size); /* whoever kept it reads rubbish */
    free(data);
    const char *base = strrchr(path, '/');
    printf("flush %s %s %d %ld\n", in->id, base ? base + 1 : path, answer, milliseconds() - begin);
}

void *worker(void *arg)
{
    struct instance *in = arg;
    pthread_mutex_lock(&lock);
    for (;;) {
        struct job *j = in->first;
        if (!j) {
            if (in->stopping)
                break;
            pthread_cond_wait(&changed, &lock);
            continue;
        }
        in->first = j->next;
        if (!in->first)
            in->last = &in->first;
        in->busy++;
        pthread_mutex_unlock(&lock);
        flush_file(in, j->file);
        free(j);
        pthread_mutex_lock(&lock);
        in->busy--;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}
