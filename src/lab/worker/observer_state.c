/* The list of pieces, and whether what was read into them can be. */
#include "lab/worker/observer_state.h"

#include "lab/worker/observer_select.h"

void observer_pieces(struct observer *observer, struct pieces *pieces) {
    struct arena *arena = &observer->arena;
    trainer_pieces(observer->trainer, pieces);
    diagnostics_pieces(&observer->diagnostics, pieces);
    PIECE(pieces, observer->measured);
    PIECE(pieces, observer->epoch_loss);
    PIECE(pieces, observer->epoch_error);
    PIECE(pieces, observer->n_points);
    PIECE(pieces, observer->n_epochs);
    PIECE(pieces, observer->n_bank_points);
    for (enum timetable i = 0; i < TIMETABLES; i++) {
        PIECE(pieces, observer->timetables[i].next);
        PIECE(pieces, observer->timetables[i].n);
    }
    PIECE(pieces, observer->started);
    PIECE(pieces, observer->resumed);
    PIECE(pieces, observer->train_s);
    PIECE(pieces, observer->eval_s);
    PIECE(pieces, observer->log_s);
    pieces_add(pieces, arena->base + observer->kept_from, arena->used - observer->kept_from);
}

static bool within(long n, long most) {
    return n >= 0 && n <= most;
}

static bool points_are_sound(const struct observer *observer) {
    long step = observer->trainer->step, stride = observer->stride;
    if (!observer->points)
        return observer->measured == 0 && observer->n_points == 0;
    return observer->measured == step && observer->n_points == (step + stride - 1) / stride;
}

bool observer_is_sound(const struct observer *observer) {
    const struct trainer *trainer = observer->trainer;
    bool sound = within(trainer->step, trainer->total_steps - 1) && points_are_sound(observer) &&
                 observer->n_epochs == trainer->step / trainer->steps_per_epoch &&
                 within(observer->n_bank_points, observer->most_bank_points);
    for (enum timetable i = 0; i < TIMETABLES; i++) {
        long most = observer_timetable_size(observer, i) + 1;
        sound = sound && within(observer->timetables[i].next, most) &&
                within(observer->timetables[i].n, observer->timetables[i].next);
    }
    return sound;
}
