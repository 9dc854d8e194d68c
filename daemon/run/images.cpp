#include "run/images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/sha256.h"
#include "base/text.h"
#include "model/dockerfile.h"

namespace dyno::run {
namespace {

struct ResolvedBase {
  std::string arg;   // empty: the Dockerfile names it itself
  std::string name;  // the image's name, or the stand-in's
  ports::ImageDescription image;
  bool stand_in = false;
};

Result<ResolvedBase> find_base(ports::ContainerEngine& engine, const model::BaseImage& base) {
  if (auto official = engine.inspect_image(base.image))
    return ResolvedBase{base.arg, base.image, std::move(*official), false};
  else if (ports::fault_of(official.error()) != ports::EngineFault::missing) return fail(std::move(official.error()));
  auto stand_in = engine.inspect_image(base.stand_in);
  if (stand_in) return ResolvedBase{base.arg, base.stand_in, std::move(*stand_in), true};
  if (ports::fault_of(stand_in.error()) != ports::EngineFault::missing) return fail(std::move(stand_in.error()));
  return fail(ErrorCode::not_found,
              fmt::format("neither the base image {} nor its stand-in {} is there; run `make setup`", base.image,
                          base.stand_in));
}

// An image may bring instructions into the build that no file of the stack says.
Status check_triggers(const ResolvedBase& base) {
  if (base.image.on_build.empty()) return {};
  return fail(ErrorCode::invalid_argument, fmt::format("the base image {} has ONBUILD instructions: {}", base.name,
                                                       visible(base.image.on_build.front(), 200)));
}

Result<ResolvedBase> resolve_base(ports::ContainerEngine& engine, const model::BaseImage& base) {
  auto found = find_base(engine, base);
  if (!found) return found;
  if (auto checked = check_triggers(*found); !checked) return fail(checked.error());
  return found;
}

// A folder that an image is built from.
struct Source {
  std::string kind;  // stack, service
  const std::string& name;
  const std::string& folder;
  const model::StackBuild& build;
  std::function<Status()> unchanged;  // whether its file still says what the run was accepted with
  const ports::BuildLog& log;
  const std::string& image;  // taken as it is, without a build; empty: it is built
  bool is_own = false;       // of somebody's own: images that it names are pulled, volumes covered
};

bool is_missing(const Result<ports::ImageDescription>& image) {
  return !image && ports::fault_of(image.error()) == ports::EngineFault::missing;
}

// One that is here, or that a registry gives. The error of one that neither has is `not_found`, with the registry's words.
Result<ports::ImageDescription> find_or_pull(ports::ContainerEngine& engine, const std::string& name,
                                             const ports::BuildLog& log, const std::stop_token& stop) {
  auto image = engine.inspect_image(name);
  if (!is_missing(image)) return image;
  if (auto pulled = engine.pull_image(name, log, stop); !pulled) {
    if (ports::fault_of(pulled.error()) != ports::EngineFault::missing) return fail(pulled.error());
    return fail(ErrorCode::not_found, fmt::format("it is not on this machine, and pulling it failed: {}",
                                                  visible(pulled.error().message, 300)));
  }
  return engine.inspect_image(name);
}

// One that the Dockerfile names itself: known before the build, so that the engine neither fetches it nor takes another.
Result<ResolvedBase> resolve_named(ports::ContainerEngine& engine, const std::string& name, const Source& source,
                                   const std::stop_token& stop) {
  auto image = source.is_own ? find_or_pull(engine, name, source.log, stop) : engine.inspect_image(name);
  if (source.is_own && is_missing(image))
    return fail(ErrorCode::not_found, fmt::format("the image {} of its FROM: {}", name, image.error().message));
  if (is_missing(image))
    return fail(ErrorCode::not_found,
                fmt::format("the image {} of its FROM is not there: pull it, or name it in build.base", name));
  if (!image) return fail(std::move(image.error()));
  const bool stand_in = image->labels.contains("stackdyno.standin");
  ResolvedBase base{{}, name, std::move(*image), stand_in};
  if (auto checked = check_triggers(base); !checked) return fail(checked.error());
  return base;
}

struct MadeImage {
  ports::ImageDescription image;
  std::vector<ResolvedBase> bases;
  std::string content;  // "sha256:…" of the bytes that it was built from
  std::optional<Nanos> build;
  std::string failure;     // not empty: there is no image
  std::string taken_as{};  // not empty: nothing was built; its name, and what says which of that name it was
};

std::string base_kind(const MadeImage& made) {
  const auto& bases = made.bases;
  if (!made.taken_as.empty()) return "image";
  if (bases.empty()) return "none";
  for (const auto& base : bases) {
    if (base.stand_in) return "stand_in";
  }
  return "official";
}

std::string describe_bases(const MadeImage& made) {
  if (!made.taken_as.empty()) return "IMAGE=" + made.taken_as;
  std::string text;
  for (const auto& base : made.bases) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{}={}@{}", base.arg.empty() ? "FROM" : base.arg, base.name, base.image.id);
  }
  return text;
}

// The version of the runtime as the bases tell it: stand-ins by the label `stackdyno.version`, official images by the variable
// that each of them sets. Not the app's own image, which may be one file on nothing. Empty: none tells it, as with C++.
std::string reported_version(model::Runtime runtime, const std::vector<ResolvedBase>& bases) {
  static const std::map<model::Runtime, std::string> kVariables{{model::Runtime::node, "NODE_VERSION"},
                                                                {model::Runtime::go, "GOLANG_VERSION"},
                                                                {model::Runtime::python, "PYTHON_VERSION"}};
  for (const auto& base : bases) {
    if (const auto label = base.image.labels.find("stackdyno.version"); label != base.image.labels.end())
      return label->second;
    const auto variable = kVariables.find(runtime);
    if (variable == kVariables.end()) continue;
    if (const auto set = base.image.env.find(variable->second); set != base.image.env.end()) return set->second;
  }
  return {};
}

// The shell form of ENTRYPOINT: a shell runs its text, whatever command comes behind.
bool heeds_no_command(const std::vector<std::string>& entrypoint) {
  return entrypoint.size() == 3 && entrypoint[1] == "-c" && entrypoint[0].ends_with("sh");
}

// What the image is made from: the very bytes that are sent, and what the engine is told about them. Two sources with the same
// key give the same image, so it names the tag.
std::string content_key(const ports::BuildContext& context, const Source& source,
                        const std::vector<ResolvedBase>& bases) {
  std::string content = fmt::format("{}\n{}", context.hash, context.dockerfile);
  for (const auto& base : bases)
    content += fmt::format("\n{}={}", base.arg.empty() ? "FROM " + base.name : base.arg, base.image.id);
  for (const auto& [name, value] : source.build.args) content += fmt::format("\n{}={}", name, value);
  if (!source.build.target.empty()) content += "\ntarget " + source.build.target;
  return sha256_hex(content);
}

model::RunStack identity_of(const model::Stack& stack) {
  model::RunStack prepared;
  prepared.name = stack.name;
  prepared.title = stack.title;
  prepared.runtime = to_string(stack.runtime);
  prepared.stack_class = to_string(stack.stack_class);
  prepared.hash = stack.hash;  // until it is known what was sent
  return prepared;
}

bool ends_the_run(const Error& error) {
  const auto fault = ports::fault_of(error);
  return fault == ports::EngineFault::stopped || fault == ports::EngineFault::gone;
}

// Why there is no image, after one word for whose fault it is: what the engine or the machine could not do says nothing about the
// source's files.
std::string refused_or_lost(const Error& error) {
  if (error.code == ErrorCode::storage)
    return "machine_failed: no room where the engine keeps its images: " + error.message;
  const bool lost = ports::fault_of(error) == ports::EngineFault::failed;
  return fmt::format("{}: {}", lost ? "engine_lost" : "build_failed", error.message);
}

std::string not_packed(const Error& error) {
  const bool by_machine = error.code == ErrorCode::io || error.code == ErrorCode::storage;
  return fmt::format("{}: {}", by_machine ? "machine_failed" : "build_failed", error.message);
}

std::string not_built(const Error& error) {
  // The time limit of a build is the source's own.
  return error.code == ErrorCode::timed_out ? "build_failed: " + error.message : refused_or_lost(error);
}

constexpr auto kContentLabel = "stackdyno.content";

// The image under the tag, if it was built from this content: a tag can be moved by anybody.
Result<std::optional<ports::ImageDescription>> find_image(ports::ContainerEngine& engine, const std::string& tag,
                                                          const std::string& key) {
  auto image = engine.inspect_image(tag);
  if (!image && ports::fault_of(image.error()) == ports::EngineFault::missing) return std::nullopt;
  if (!image) return fail(std::move(image.error()), "looking for the image " + tag);
  const auto label = image->labels.find(kContentLabel);
  if (label == image->labels.end() || label->second != key) return std::nullopt;
  return std::move(*image);
}

Result<MadeImage> build_image(ports::ContainerEngine& engine, const Source& source, const ports::BuildContext& context,
                              MadeImage made, const std::stop_token& stop) {
  const std::string key = content_key(context, source, made.bases);
  // The engine takes no name with an @ or a +: sides and variants have their stack's.
  const std::string_view repository = std::string_view(source.name).substr(0, source.name.find_first_of("@+"));
  const std::string tag = fmt::format("stackdyno/{}:{}", repository, key.substr(0, 16));
  const auto without = [&made](std::string failure) {
    made.failure = std::move(failure);
    return made;
  };
  auto image = find_image(engine, tag, key);
  if (!image && ends_the_run(image.error())) return fail(std::move(image.error()));
  if (!image) return without(refused_or_lost(image.error()));
  if (*image) {
    made.image = std::move(**image);
    return made;
  }
  ports::BuildRequest request;
  request.tag = tag;
  request.target = source.build.target;
  request.args = source.build.args;
  for (const auto& base : made.bases) {
    if (!base.arg.empty()) request.args[base.arg] = base.name;
  }
  // An image outlives the run that built it, so it carries no run label and no sweep removes it.
  request.labels = {{"stackdyno.image", source.kind}, {"stackdyno." + source.kind, source.name}, {kContentLabel, key}};
  request.network = source.build.network == model::BuildNetwork::packages;
  request.timeout = source.build.timeout;
  auto built = engine.build_image(context, request, source.log, stop);
  // The log ends with the reason, without the lines before it that the error repeats.
  if (!built && source.log)
    source.log({std::string_view(built.error().message).substr(0, built.error().message.find('\n')), {}});
  if (!built && ends_the_run(built.error())) return fail(std::move(built.error()));
  if (!built) return without(not_built(built.error()));
  made.build = built->duration;
  auto described = engine.inspect_image(built->image_id);
  if (!described && ends_the_run(described.error()))
    return fail(std::move(described.error()), "reading the image just built");
  if (!described) return without("engine_lost: reading the image just built: " + described.error().message);
  made.image = std::move(*described);
  return made;
}

// Adds the images that the Dockerfile names itself to the bases; an error for what no build may do.
Status read_dockerfile(ports::ContainerEngine& engine, const Source& source, const ports::BuildContext& context,
                       std::vector<ResolvedBase>& bases, const std::stop_token& stop) {
  std::map<std::string, std::string> args = source.build.args;
  std::vector<std::string> names;
  for (const auto& base : bases) {
    args[base.arg] = base.name;
    names.push_back(base.name);
  }
  const auto volumes = source.is_own ? model::Volumes::covered : model::Volumes::refused;
  const auto reading = model::read_dockerfile(context.dockerfile_text, args, names, context.dockerfile, volumes);
  std::string words;
  for (const auto& problem : reading.problems)
    words += fmt::format("{}{}:{}: {}", words.empty() ? "" : "\n", problem.file, problem.line, problem.message);
  if (!words.empty()) return fail(ErrorCode::invalid_argument, std::move(words));
  for (const std::string& image : reading.images) {
    if (std::find(names.begin(), names.end(), image) != names.end()) continue;
    auto base = resolve_named(engine, image, source, stop);
    if (!base) return fail(std::move(base.error()));
    bases.push_back(std::move(*base));
  }
  return {};
}

// "redis:7@sha256:…": the digest under which a registry knows it. What was only ever built here has none.
std::string name_with_digest(const std::string& name, const ports::ImageDescription& image) {
  const std::string plain = name.substr(0, name.find('@'));
  for (const std::string& known : image.repo_digests) {
    const std::size_t at = known.find('@');
    if (at != std::string::npos && plain.starts_with(known.substr(0, at))) return plain + known.substr(at);
  }
  return fmt::format("{}@{} (the image's id: it has no digest, for it came from no registry)", plain, image.id);
}

Result<MadeImage> take_image(ports::ContainerEngine& engine, const Source& source, const std::stop_token& stop) {
  MadeImage made;
  auto image = find_or_pull(engine, source.image, source.log, stop);
  if (!image && ends_the_run(image.error())) return fail(std::move(image.error()));
  if (!image) {
    const bool is_lost = ports::fault_of(image.error()) == ports::EngineFault::failed;
    made.failure = fmt::format("{}: the image {} (image in its {}.yaml): {}", is_lost ? "engine_lost" : "image_missing",
                               source.image, source.kind, image.error().message);
    return made;
  }
  if (const Status unchanged = source.unchanged ? source.unchanged() : Status(); !unchanged) {
    made.failure = unchanged.error().message;
    return made;
  }
  made.taken_as = name_with_digest(source.image, *image);
  made.image = std::move(*image);
  return made;
}

// The image of a source as its folder is now: that which was built from the same bytes, or a new one.
Result<MadeImage> make_image(ports::ContainerEngine& engine, const Source& source, const std::stop_token& stop) {
  if (!source.image.empty()) return take_image(engine, source, stop);
  MadeImage made;
  const auto without = [&made](std::string failure) {
    made.failure = std::move(failure);
    return made;
  };
  for (const auto& base : source.build.base) {
    auto resolved = resolve_base(engine, base);
    if (!resolved && ends_the_run(resolved.error())) return fail(std::move(resolved.error()));
    if (!resolved) return without(refused_or_lost(resolved.error()));
    made.bases.push_back(std::move(*resolved));
  }
  const auto& build = source.build;
  const auto context = engine.pack_context(build.context == "." ? source.folder : source.folder + "/" + build.context,
                                           build.dockerfile, stop);
  if (!context && ends_the_run(context.error())) return fail(context.error());
  if (!context) return without(not_packed(context.error()));
  made.content = "sha256:" + context->hash;
  const Status read = read_dockerfile(engine, source, *context, made.bases, stop);
  if (!read && ends_the_run(read.error())) return fail(read.error());
  if (!read) return without(refused_or_lost(read.error()));
  // After the packing: what is run by the file's words is not older than they are.
  const Status unchanged = source.unchanged ? source.unchanged() : Status();
  if (!unchanged) return without(unchanged.error().message);
  return build_image(engine, source, *context, std::move(made), stop);
}

}  // namespace

Result<model::RunStack> prepare_image(ports::ContainerEngine& engine, const model::Stack& stack,
                                      const FileChecks& checks, std::stop_token stop, const ports::BuildLog& log) {
  // A variant's image is its stack's wherever they are built alike.
  const std::string& owner = stack.variant_of.empty() ? stack.name : stack.variant_of;
  const Source source{.kind = "stack",
                      .name = owner,
                      .folder = stack.folder,
                      .build = stack.build,
                      .unchanged = [&] { return checks.stack ? checks.stack(stack) : Status(); },
                      .log = log,
                      .image = stack.image,
                      .is_own = is_own(stack)};
  auto made = make_image(engine, source, stop);
  if (!made) return fail(std::move(made.error()));
  model::RunStack prepared = identity_of(stack);
  prepared.base_kind = base_kind(*made);
  prepared.bases = describe_bases(*made);
  if (!made->content.empty()) prepared.hash = made->content;
  prepared.failure = made->failure;
  if (prepared.failure.empty() && (!is_own(stack) || !stack.run.command.empty()) &&
      heeds_no_command(made->image.entrypoint)) {
    prepared.failure = fmt::format(
        "build_failed: the image's ENTRYPOINT is a shell's text ({}), which heeds no run.command: write it as a list",
        visible(made->image.entrypoint[2], 100));
  }
  if (!prepared.failure.empty()) return prepared;
  if (const auto fitted = fit_to_image(stack, made->image); is_own(stack) && !fitted) {
    prepared.failure = "image_unfit: " + fitted.error().message;
    return prepared;
  }
  prepared.build = made->build;
  prepared.image_id = made->image.id;
  prepared.image_bytes = made->image.size;
  prepared.reported_version = reported_version(stack.runtime, made->bases);
  return prepared;
}

Result<ServiceImage> prepare_service_image(ports::ContainerEngine& engine, const model::Service& service,
                                           const FileChecks& checks, std::stop_token stop, const ports::BuildLog& log) {
  const Source source{.kind = "service",
                      .name = service.name,
                      .folder = service.folder,
                      .build = service.build,
                      .unchanged = [&] { return checks.service ? checks.service(service) : Status(); },
                      .log = log,
                      .image = service.image,
                      .is_own = true};
  auto made = make_image(engine, source, stop);
  if (!made) return fail(std::move(made.error()));
  if (!made->failure.empty()) return fail(ErrorCode::invalid_argument, made->failure);
  // What is copied in stands in the folder, not in the image.
  const bool is_all_packed = service.files.empty() && !made->content.empty();
  return ServiceImage{made->image.id, is_all_packed ? made->content : service.hash, base_kind(*made),
                      describe_bases(*made), made->build};
}

Result<model::Stack> fit_to_image(model::Stack stack, const ports::ImageDescription& image) {
  if (stack.run.command.empty()) {
    stack.run.command = image.entrypoint;
    stack.run.command.insert(stack.run.command.end(), image.command.begin(), image.command.end());
  }
  if (stack.run.command.empty())
    return fail(ErrorCode::invalid_argument,
                "the image has neither ENTRYPOINT nor CMD: say in run.command of its stack.yaml how the server starts");
  if (stack.run.port != 0) return stack;
  if (image.ports.size() == 1) {
    stack.run.port = image.ports.front();
    return stack;
  }
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("its stack.yaml has no run.port, and the image EXPOSEs {}: say where the server listens",
                  image.ports.empty() ? std::string("no port") : fmt::format("{}", fmt::join(image.ports, ", "))));
}

Result<std::string> prepare_sandbox_image(const Rig& rig) {
  const auto hash = rig.host.exec_hash();
  if (!hash) return fail(hash.error());
  const std::string tag = fmt::format("stackdyno/sandbox:{}", hash->substr(0, 16));
  auto image = find_image(rig.host.engine(), tag, *hash);
  if (!image) return fail(std::move(image.error()));
  if (*image) return (*image)->id;
  auto made = rig.host.engine().import_program(rig.host.exec_path(), tag,
                                               {{"stackdyno.image", "sandbox"}, {kContentLabel, *hash}});
  if (!made) return made;
  if (const auto after = rig.host.exec_hash(); after && *after == *hash) return made;
  // Other bytes than the tag says may have been sent.
  static_cast<void>(rig.host.engine().remove_image(*made));
  return fail(ErrorCode::conflict,
              fmt::format("{} changed while it was read; start the run again", rig.host.exec_path()));
}

}  // namespace dyno::run
