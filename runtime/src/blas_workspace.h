#pragma once
/// Makes a serial OpenBLAS safe to be called by several threads at once.
///
/// Debian builds the serial library without the lock around its table of work areas: two threads that begin a call at
/// the same moment can be given the same area, and their results are silently wrong. The library calls its allocator
/// through its own dynamic symbol table, so both functions can be replaced for the instance that is loaded, by ones
/// that give each thread an area of its own.

namespace tarry::runtime {

/// Replaces the allocator of the library behind a handle of dlopen. False when it has no such allocator or cannot be
/// changed; it then works as before.
bool replace_blas_workspace(void* library);

/// Makes sure that the calling thread has its area, so that the library never meets a refused allocation. Throws
/// MemoryError. Does nothing before replace_blas_workspace succeeded.
void prepare_blas_workspace();

}  // namespace tarry::runtime
