#include "cli/measured_run.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "billing/error.h"
#include "cli/process.h"

namespace billing::cli {
namespace {

constexpr std::chrono::milliseconds kSampleInterval{2};

/// What the child tells: `ok`, or `error <exit code>`, on the first line; then the rest.
struct Answer {
  std::string text;
  double cpu_s = 0;
  std::uint64_t peak_anonymous_bytes = 0;
};

std::uint64_t anonymous_bytes(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8)) * 1024;
  }
  return 0;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t size = ::write(fd, text.data() + done, text.size() - done);
    if (size < 0 && errno != EINTR) return;  // the parent has gone; its exit code says enough
    if (size > 0) done += static_cast<std::size_t>(size);
  }
}

std::string run_in_child(const std::function<std::string()>& work) {
  try {
    return "ok\n" + work();
  } catch (const Error& error) {
    return fmt::format("error {}\n{}", error.exit_code(), error.message());
  } catch (const std::exception& error) {
    return fmt::format("error {}\n{}", static_cast<int>(ErrorKind::run), error.what());
  }
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size == 0 || (size < 0 && errno != EINTR)) return text;
    if (size > 0) text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

/// Waits for the child, looking at its memory now and then.
Answer await_child(pid_t child, int from_child) {
  Answer answer;
  rusage usage{};
  int status = 0;
  while (wait4(child, &status, WNOHANG, &usage) == 0) {
    answer.peak_anonymous_bytes = std::max(answer.peak_anonymous_bytes, anonymous_bytes(child));
    std::this_thread::sleep_for(kSampleInterval);
  }
  answer.text = read_to_end(from_child);
  answer.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  if (interrupted()) throw Error(ErrorKind::interrupted, "interrupted");
  if (answer.text.empty()) {
    throw Error(ErrorKind::run, WIFSIGNALED(status)
                                    ? fmt::format("a run was ended by signal {}", WTERMSIG(status))
                                    : "a run ended without an answer");
  }
  return answer;
}

Answer run_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    throw Error(ErrorKind::run, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) {
    throw Error(ErrorKind::run, std::string("cannot start a process: ") + std::strerror(errno));
  }
  if (child == 0) {
    close(ends[0]);
    write_all(ends[1], run_in_child(work));
    _exit(0);
  }
  close(ends[1]);
  Answer answer = await_child(child, ends[0]);
  close(ends[0]);
  if (answer.text.starts_with("error ")) {
    const auto kind = static_cast<ErrorKind>(std::stoi(answer.text.substr(6)));
    throw Error(kind, answer.text.substr(answer.text.find('\n') + 1));
  }
  return answer;
}

}  // namespace

Measurement run_measured(const AggregateJob& job) {
  const Answer answer = run_child([&job] {
    JobHooks hooks;
    hooks.cancelled = interrupted;
    const auto start = std::chrono::steady_clock::now();
    const JobReport report = aggregate(job, hooks);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    std::string text =
        fmt::format("{} {} {}\n", wall.count(), report.totals.records, report.totals.bytes);
    for (const PassTime& pass : report.passes)
      text += fmt::format("{} {}\n", pass.wall_s, pass.name);
    return text;
  });

  Measurement measurement;
  measurement.cpu_s = answer.cpu_s;
  measurement.peak_anonymous_bytes = answer.peak_anonymous_bytes;
  std::istringstream lines(answer.text.substr(answer.text.find('\n') + 1));
  lines >> measurement.wall_s >> measurement.records >> measurement.bytes;
  double pass_s = 0;
  for (std::string name; lines >> pass_s && std::getline(lines >> std::ws, name);) {
    measurement.passes.emplace_back(name, pass_s);
  }
  return measurement;
}

void run_apart(const std::function<void()>& work) {
  run_child([&work] {
    work();
    return std::string();
  });
}

}  // namespace billing::cli
