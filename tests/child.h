#pragma once
/// Tests in a child of the process.

#include <sys/wait.h>
#include <unistd.h>

namespace tarry::test {

/// Runs `body` in a child; whether it came back with true. A child that hangs is ended by its alarm.
template <class Body>
bool child_succeeds(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(body() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace tarry::test
