# frozen_string_literal: true

# Runs planche before each build, so that `jekyll build` and `jekyll serve` always see its records.
# PLANCHE=/path/to/planche says where the program is, PLANCHE=off that it is not to be run.
# GitHub Pages' own build runs no plugins: there, run planche in a step before it.
Jekyll::Hooks.register :site, :after_reset do |site|
  program = ENV.fetch("PLANCHE", "planche")
  next if program == "off"

  folders = [Dir.pwd, site.source]
  root = folders.find { |folder| Dir.glob(File.join(folder, "_config.*")).any? } || site.source
  # Findings go to standard error; an article or upload that failed is left as it was.
  case system(program, "build", "--quiet", root)
  when nil
    Jekyll.logger.warn "planche:", "`#{program}` was not found; pictures stay as they are"
  when false
    Jekyll.logger.error "planche:", "not everything was done, see above"
  end
end
