#include "event_reader.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow_capsules.h"
#include "bill.h"
#include "billing/money.h"
#include "errors.h"
#include "event_decoder.h"
#include "event_formats.h"
#include "file_piece.h"
#include "formats/input_format.h"
#include "interrupts.h"
#include "io/file_source.h"
#include "io/input_sample.h"
#include "keywords.h"
#include "options/aggregate_job.h"
#include "totals.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc =
    R"(Turns records into tables of events, with fields of theirs beside them.

fields maps names of columns to what they hold of a record: a field, a piece of a list (`FIELD:first`),
a template ('$request_method $path') or several with commas, of which the first counts that is there.
Options are those of `billing aggregate` that say what records are and which are wanted: formats, fields
and filters. There are no measures and no duplicates, and no prices. What is constant is said with `=`:
user="=-", quantity="1". The unit and the digits of the first input are those of all.

read_lines(lines, name, first_line=1), read_file(path, begin=0, end=None) and iterate_file(...) decode on
the calling thread without the GIL (a compressed file is decompressed ahead by one more). One call at a
time; readers are independent.

Raises ConfigurationError, Error (a file cannot be read or changed meanwhile), TypeError,
KeyboardInterrupt.)";

constexpr const char* kEventsDoc =
    R"(Events of records: a table in memory, in the order of the input.

Columns: time (timestamp[ns, UTC]), user and task (strings), status (int32, null where there is none),
quantity (int64, or decimal128(19, digits)), offset (int64: where the record begins, in bytes of the
input, decompressed), then a string for each field that was asked for, null where it is missing. What is
not UTF-8 in these is written \xhh for each byte. len() is the number of events; totals (a dict) and
rejects (a table) tell of all other records.)";

constexpr const char* kPiecesDoc =
    R"(The events of a file, piece by piece: an iterator of Events, which holds one at a time in memory.)";

KeywordRules reader_rules() {
  KeywordRules rules{"EventReader", program_refusals(/*reads_env=*/false), {"fields"}};
  const auto refuse = [&rules](std::initializer_list<std::string_view> keywords,
                               const char* advice) {
    for (const std::string_view keyword : keywords) rules.refused.push_back({keyword, advice});
  };
  refuse({"input", "files_from", "null_separated", "include", "exclude", "partitioned_by"},
         "has no meaning here: read_file() and read_lines() say what is read");
  refuse({"rate", "rates", "unrated", "rounding", "scale", "group_by", "cycle", "anchor_day"},
         "has no meaning here: events are neither added up nor billed");
  refuse({"partial", "state", "rejects", "max_rejects", "duplicates", "csv_safe"},
         "an EventReader writes no files; see Events.rejects and Events.totals");
  refuse({"dedupe_by", "dedupe_keep", "dedupe_missing", "dedupe_window"},
         "an EventReader finds no duplicates; drop them where its events go");
  refuse({"measure"}, "an event has one quantity; read others as fields");
  refuse({"unwrap", "stream"}, "an EventReader takes lines as they stand");
  refuse({"threads", "memory_limit", "temp_dir"}, "an EventReader works on the calling thread");
  refuse({"naive", "parallel", "slice_bytes"}, "has no meaning here");
  return rules;
}

/// A file, or a piece of it, that is decoded chunk by chunk.
class FileEvents {
 public:
  FileEvents(EventFormats& formats, const std::string& path, std::uint64_t begin,
             std::optional<std::uint64_t> end, std::function<void()> checkpoint)
      : formats_(formats), inputs_(open_inputs({path})) {
    Input& input = inputs_.front();
    if (formats.job().max_input_bytes) input.set_max_text_bytes(*formats.job().max_input_bytes);
    if (input.counted_bytes() == 0) return;
    SampleText text = sample_of(input, kSampleBytes, checkpoint);
    MediationOptions mediation =
        formats.choose({input.name(), std::move(text.bytes), text.is_whole});
    lines_ = lines_of(input, begin, end);
    refuse_pieces(*mediation.format);
    if (!lines_.is_whole && lines_.begin_bytes == lines_.end_bytes) return;
    if (lines_.begin_bytes > 0) lseek(input.fd(), static_cast<off_t>(lines_.begin_bytes), SEEK_SET);
    const auto cutters = [format = mediation.format, at_start = lines_.begin_bytes == 0,
                          max_bytes = mediation.max_record_bytes](std::size_t) {
      return make_cutter(*format, at_start, max_bytes);
    };
    source_ =
        std::make_unique<FileSource>(inputs_, formats.job().chunk_bytes, mediation.max_record_bytes,
                                     cutters, std::move(checkpoint));
    decoder_ = std::make_unique<EventDecoder>(std::move(mediation), formats.job().usage.filter,
                                              input.name(), lines_.begin_bytes,
                                              lines_.begin_bytes == 0 ? 1 : 0);
  }

  /// Adds the events of the next chunk; false behind the last.
  bool next(DecodedEvents& events) {
    auto decoder = std::move(decoder_);  // nothing more comes behind the end, or an exception
    if (decoder == nullptr) return false;
    if ((lines_.is_whole || decoder->next_byte() < lines_.end_bytes) && source_->next(chunk_)) {
      if (!lines_.is_whole && decoder->next_byte() + chunk_.bytes.size() > lines_.end_bytes &&
          !chunk_.cut)
        chunk_.bytes = chunk_.bytes.substr(0, lines_.end_bytes - decoder->next_byte());
      decoder->decode(chunk_, events);
      decoder_ = std::move(decoder);
      return true;
    }
    inputs_.front().verify_unchanged();
    return false;
  }

  DecodedEvents no_events() const { return formats_.no_events(); }

 private:
  void refuse_pieces(const InputFormat& format) const {
    if (lines_.is_whole || format.may_be_cut_at_lines()) return;
    throw Error(ErrorKind::configuration,
                "records of " + format.settings().name +
                    " may span lines or depend on those before, so that there are no pieces of "
                    "such a file; leave out begin and end");
  }

  EventFormats& formats_;
  std::vector<Input> inputs_;
  LineRange lines_;
  std::unique_ptr<FileSource> source_;
  Chunk chunk_;
  std::unique_ptr<EventDecoder> decoder_;
};

class Reader {
 public:
  Reader(const nb::object& fields, const nb::dict& keywords)
      : formats_(job_of(keywords, reader_rules()), columns_of(fields)) {}

  DecodedEvents read_lines(std::string_view bytes, const std::string& name,
                           std::uint64_t first_line) {
    DecodedEvents events;
    work([&] {
      const MediationOptions mediation = formats_.choose(
          {name, std::string(bytes.substr(0, kSampleBytes)), bytes.size() <= kSampleBytes});
      events = formats_.no_events();
      const auto cutters = [&] {
        return make_cutter(*mediation.format, true, mediation.max_record_bytes);
      };
      const auto source = records_in_memory({{name, bytes}}, formats_.job().chunk_bytes, cutters);
      EventDecoder decoder(mediation, formats_.job().usage.filter, name, 0, first_line);
      for (Chunk chunk; source->next(chunk);) {
        check();
        decoder.decode(chunk, events);
      }
    });
    return events;
  }

  DecodedEvents read_file(const std::string& path, std::uint64_t begin,
                          std::optional<std::uint64_t> end) {
    refuse_stream(path, "path");
    DecodedEvents events;
    work([&] {
      FileEvents file(formats_, path, begin, end, [this] { check(); });
      events = file.no_events();
      while (file.next(events)) continue;
    });
    return events;
  }

  std::unique_ptr<FileEvents> open_file(const std::string& path, std::uint64_t begin,
                                        std::optional<std::uint64_t> end) {
    refuse_stream(path, "path");
    std::unique_ptr<FileEvents> file;
    work([&] {
      file = std::make_unique<FileEvents>(formats_, path, begin, end, [this] { check(); });
    });
    return file;
  }

  /// Nothing behind the last piece.
  std::optional<DecodedEvents> next(FileEvents& file) {
    std::optional<DecodedEvents> events;
    work([&] {
      DecodedEvents next = file.no_events();
      if (file.next(next)) events = std::move(next);
    });
    return events;
  }

 private:
  /// Runs a step of the work without the GIL, one at a time.
  template <class Step>
  void work(const Step& step) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock())
      throw Error(ErrorKind::run, "this EventReader is at work in another thread");
    Interrupts interrupts;
    interrupts_ = &interrupts;
    const std::unique_ptr<Interrupts*, void (*)(Interrupts**)> at_end(
        &interrupts_, [](Interrupts** last) { *last = nullptr; });
    try {
      const nb::gil_scoped_release release;
      step();
    } catch (const Error&) {
      interrupts.rethrow();
      throw;
    }
  }

  void check() const {
    if (interrupts_ != nullptr && interrupts_->poll())
      throw Error(ErrorKind::interrupted, "interrupted");
  }

  EventFormats formats_;
  Interrupts* interrupts_ = nullptr;  // of the call under way
  std::mutex mutex_;
};

/// Of a reader that outlives it.
struct EventPieces {
  Reader& reader;
  std::unique_ptr<FileEvents> file;
};

nb::dict totals_of(const DecodedEvents& events) {
  return dict_of(events.totals, events.unit, events.table->quantity_digits);
}

void bind_events(nb::module_& module) {
  nb::class_<DecodedEvents>(module, "Events", kEventsDoc)
      .def("__len__", [](const DecodedEvents& events) { return events.table->size; })
      .def("__arrow_c_schema__",
           [](const DecodedEvents& events) { return schema_of(events.table->fields()); })
      .def(
          "__arrow_c_stream__",
          [](const DecodedEvents& events, nb::handle) {
            return stream_of(read_as_arrow(events.table));
          },
          "requested_schema"_a = nb::none())
      .def_prop_ro("totals", totals_of)
      .def_prop_ro("rejects", [](const DecodedEvents& events) { return Rejects{events.rejects}; })
      .def("__repr__", [](const DecodedEvents& events) {
        return "<billing.Events: " + std::to_string(events.table->size) + ">";
      });
  nb::class_<EventPieces>(module, "EventPieces", kPiecesDoc)
      .def("__iter__", [](nb::handle self) { return nb::borrow(self); })
      .def("__next__", [](EventPieces& pieces) {
        std::optional<DecodedEvents> events = pieces.reader.next(*pieces.file);
        if (!events) throw nb::stop_iteration();
        return *std::move(events);
      });
}

}  // namespace

void bind_event_reader(nb::module_& module) {
  bind_events(module);
  nb::class_<Reader>(module, "EventReader", kDoc)
      .def(
          "__init__",
          [](Reader* self, nb::object fields, nb::kwargs keywords) {
            new (self) Reader(fields, nb::dict(keywords));
          },
          nb::kw_only(), "fields"_a = nb::none(), "options"_a)
      .def(
          "read_lines",
          [](Reader& reader, nb::bytes lines, nb::handle name, std::uint64_t first_line) {
            return reader.read_lines({lines.c_str(), lines.size()}, text_of(name, "name"),
                                     first_line);
          },
          "lines"_a, "name"_a, "first_line"_a = 1)
      .def(
          "read_file",
          [](Reader& reader, nb::handle path, std::uint64_t begin,
             std::optional<std::uint64_t> end) {
            return reader.read_file(text_of(path, "path"), begin, end);
          },
          "path"_a, "begin"_a = 0, "end"_a = nb::none())
      .def(
          "iterate_file",
          [](Reader& reader, nb::handle path, std::uint64_t begin,
             std::optional<std::uint64_t> end) {
            return EventPieces{reader, reader.open_file(text_of(path, "path"), begin, end)};
          },
          "path"_a, "begin"_a = 0, "end"_a = nb::none(), nb::keep_alive<0, 1>());
}

}  // namespace billing::python
