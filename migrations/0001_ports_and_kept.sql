ALTER TABLE `elements` ADD `parent_id` text REFERENCES `elements`(`id`) ON UPDATE no action ON DELETE cascade;--> statement-breakpoint
ALTER TABLE `elements` ADD `kept` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX `elements_parent` ON `elements` (`parent_id`);
