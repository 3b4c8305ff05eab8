// What a mask selects is a copy, whoever counts it and when: the thread that has it, or one that is about to write to
// the array it was selected from. The others' moments are held by locks.
#include "cell.h"
#include "trace.h"

#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace tarry::frontend {
namespace {

uint32_t references(const Cell& cell) { return cell.references.load(); }

/// Waits for another thread, which gets on while this one holds nothing that it wants.
template <class Ready>
void wait_until(const Ready& ready) {
  while (!ready()) std::this_thread::yield();
}

/// An array that waits to be computed, and another thread that writes to it: it counts first what a mask selected, for
/// which it needs the trace of the thread that recorded the array.
struct WriterThatWaits {
  WriterThatWaits(Array x, const Array& selected)
      : cell(*HandleAccess::cell(selected)), thread([x]() mutable { x[0] = 7.0; }) {
    wait_until([&] { return references(cell) == 2; });
  }
  ~WriterThatWaits() { thread.join(); }
  Cell& cell;
  std::thread thread;
};

TEST(Masked, WhatAnotherThreadIsAboutToCountDoesNotDieUnderIt) {
  Array x = np::arange(6) * 1.0;
  alignas(Array) std::byte place[sizeof(Array)];
  const Array& y = *new (place) Array(x[x > 2.0]);  // its reference is given away by hand
  Cell* const cell = HandleAccess::cell(y);
  {
    Trace& own = Trace::current();
    std::optional<TraceLock> lock(std::in_place, own);
    const WriterThatWaits writer(x, y);
    // As release(), which has seen that there is no other reference just before there was.
    release_last(cell);
    EXPECT_NE(free_cells.first, cell) << "it is free, and the other thread has it";
    lock.reset();
  }
  EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{7, 1, 2, 3, 4, 5}));
}

TEST(Masked, IsCountedOnceByOneOfTwoThreads) {
  Array x = np::arange(6) * 1.0;
  const Array y = x[x > 2.0];
  const double* data = nullptr;
  {
    std::optional<TraceLock> lock(std::in_place, Trace::current());
    const WriterThatWaits writer(x, y);
    EXPECT_EQ(y.shape(), (Shape{3}));
    data = y.data<double>();
    lock.reset();  // which the write itself may want
  }
  EXPECT_EQ(y.data<double>(), data);
  EXPECT_EQ(y.to_vector<double>(), (std::vector<double>{3, 4, 5}));
  EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{7, 1, 2, 3, 4, 5}));
}

TEST(Masked, KeepsWhatItSelectedWhenAWriteThroughItIsRefused) {
  for (const bool refused_late : {false, true}) {
    Array x = np::arange(6);
    Array y = x[x > 2];
    if (refused_late)
      EXPECT_THROW(std::move(y) = np::arange(5), ValueError);
    else
      EXPECT_THROW(std::move(y) *= 1.5, TypeError);
    x[np::ellipsis] = 0;
    EXPECT_EQ(y.to_vector<int64_t>(), (std::vector<int64_t>{3, 4, 5}));
  }
}

TEST(Masked, CanBeWrittenToItself) {
  Array x = np::arange(6);
  Array y = x[x > 2];
  std::move(y) = y;
  x[np::ellipsis] = 0;
  EXPECT_EQ(y.to_vector<int64_t>(), (std::vector<int64_t>{3, 4, 5}));
}

TEST(Masked, ThreadsThatWriteAndThreadsThatLookTakeTurns) {
  for (int turn = 0; turn < 200; ++turn) {
    Array x = np::arange(64) * 1.0;
    std::vector<Array> selected;
    for (int i = 0; i < 8; ++i) selected.push_back(x[x > double(i)]);
    std::thread writer([&] { x[np::ellipsis] = -1.0; });
    for (int i = 0; i < 8; ++i) {
      if (i % 2 == 0) {
        EXPECT_EQ(double(selected[i][0]), i + 1.0);
      }
      selected[i] = Array();
    }
    writer.join();
    EXPECT_EQ(double(np::sum(x)), -64.0);
  }
}

}  // namespace
}  // namespace tarry::frontend
