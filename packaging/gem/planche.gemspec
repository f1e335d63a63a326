# frozen_string_literal: true

# Built by `packaging/build gem`, which fills in the version, the platform and the program.
Gem::Specification.new do |spec|
  spec.name = "planche"
  spec.version = ENV.fetch("PLANCHE_VERSION")
  spec.platform = Gem::Platform.new(ENV.fetch("PLANCHE_GEM_PLATFORM"))
  spec.summary = "Responsive images for Jekyll, Hugo, Eleventy, Zola and Astro"
  spec.description = "Finds the images that your articles use, generates resized variants, " \
                     "and makes the pages load them. Nothing else in your files changes."
  spec.authors = ["The planche developers"]
  spec.licenses = ["MIT", "Apache-2.0"]
  spec.required_ruby_version = ">= 2.7"
  spec.files = Dir["lib/**/*.rb", "exe/*", "libexec/*", "LICENSE-*", "README.md"]
  spec.bindir = "exe"
  spec.executables = ["planche"]
  spec.metadata = { "rubygems_mfa_required" => "true" }
end
