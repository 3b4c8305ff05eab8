#pragma once
/// Which thread runs where.

namespace bench {

/// How long idle OpenMP threads spin. Longer than the gap between two runs of a sample, so that no run waits for a
/// sleeper; short, so that they are asleep when the other side runs.
inline constexpr int kSpinMilliseconds = 1;

/// Prepares OpenMP's environment; before anything else.
void configure_threads();

/// Ties the calling thread to the first core, OpenMP's thread i to core i and all others that exist by now, tarry's,
/// to the cores after the first in turn. Threads started later inherit the first core from the caller, so it is
/// called again after each first run.
void pin_threads();

/// Ties the calling thread to this core, for threads that are no pool's.
void pin_this_thread(int core);

int num_cores();

}  // namespace bench
