CREATE TABLE `pipelines` (
	`position` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`origin` text NOT NULL,
	`tags` text NOT NULL,
	`properties` text NOT NULL,
	`created_at_ms` real NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `pipelines_id_unique` ON `pipelines` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `pipelines_name_unique` ON `pipelines` (`name`);--> statement-breakpoint
CREATE TABLE `elements` (
	`position` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`pipeline_id` text NOT NULL,
	`type` text NOT NULL,
	`name` text NOT NULL,
	`options` text NOT NULL,
	`properties` text NOT NULL,
	`tags` text NOT NULL,
	`session_id` text,
	`created_at_ms` real NOT NULL,
	`version` integer NOT NULL,
	FOREIGN KEY (`pipeline_id`) REFERENCES `pipelines`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `elements_id_unique` ON `elements` (`id`);--> statement-breakpoint
CREATE INDEX `elements_pipeline` ON `elements` (`pipeline_id`);--> statement-breakpoint
CREATE TABLE `connections` (
	`position` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`pipeline_id` text NOT NULL,
	`source` text NOT NULL,
	`sink` text NOT NULL,
	`media` text NOT NULL,
	`source_description` text NOT NULL,
	`sink_description` text NOT NULL,
	`created_at_ms` real NOT NULL,
	FOREIGN KEY (`pipeline_id`) REFERENCES `pipelines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`source`) REFERENCES `elements`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`sink`) REFERENCES `elements`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connections_id_unique` ON `connections` (`id`);--> statement-breakpoint
CREATE INDEX `connections_pipeline` ON `connections` (`pipeline_id`);--> statement-breakpoint
CREATE INDEX `connections_source` ON `connections` (`source`);--> statement-breakpoint
CREATE INDEX `connections_sink` ON `connections` (`sink`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`position` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`pipeline_id` text NOT NULL,
	`element_id` text NOT NULL,
	`stream` text,
	`state` text NOT NULL,
	`remote_address` text,
	`user_agent` text,
	`created_at_ms` real NOT NULL,
	FOREIGN KEY (`pipeline_id`) REFERENCES `pipelines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`element_id`) REFERENCES `elements`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_id_unique` ON `sessions` (`id`);--> statement-breakpoint
CREATE INDEX `sessions_pipeline` ON `sessions` (`pipeline_id`);--> statement-breakpoint
CREATE INDEX `sessions_element` ON `sessions` (`element_id`);--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`time_ms` real NOT NULL,
	`pipeline_id` text,
	`element_id` text,
	`session_id` text,
	`tags` text NOT NULL,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`key` text NOT NULL,
	`scope` text NOT NULL,
	`fingerprint` text NOT NULL,
	`started_at_ms` real NOT NULL,
	`status` integer,
	`headers` text,
	`body` text,
	PRIMARY KEY(`key`, `scope`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_started` ON `idempotency` (`started_at_ms`);
